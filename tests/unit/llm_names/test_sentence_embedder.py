import json
import math

import numpy as np
import pytest

from skillwright.core.errors import ConfigError
from skillwright.llm.embeddings import make_embedder
from skillwright.llm.embeddings.sentence import SentenceEmbedder

TEXTS = ["open the drawer", "land softly.", "walk to the flags and run to the drawer", ""]


def torch_encoder(weights, num_layers, num_heads, eps):
    """torch's own encoder with the same weights: BERT is one with the norm after each part."""
    import torch

    dim = weights["embeddings.LayerNorm.weight"].shape[0]
    inner = weights["encoder.layer.0.intermediate.dense.bias"].shape[0]
    layer = torch.nn.TransformerEncoderLayer(
        dim, num_heads, inner, dropout=0.0, activation="gelu", layer_norm_eps=eps, batch_first=True
    )
    encoder = torch.nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
    state = {}
    for k in range(num_layers):
        name, to = f"encoder.layer.{k}", f"layers.{k}"
        qkv = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        for kind in ("weight", "bias"):
            state[f"{to}.self_attn.in_proj_{kind}"] = np.concatenate([weights[f"{part}.{kind}"] for part in qkv])
            state[f"{to}.self_attn.out_proj.{kind}"] = weights[f"{name}.attention.output.dense.{kind}"]
            state[f"{to}.linear1.{kind}"] = weights[f"{name}.intermediate.dense.{kind}"]
            state[f"{to}.linear2.{kind}"] = weights[f"{name}.output.dense.{kind}"]
            state[f"{to}.norm1.{kind}"] = weights[f"{name}.attention.output.LayerNorm.{kind}"]
            state[f"{to}.norm2.{kind}"] = weights[f"{name}.output.LayerNorm.{kind}"]
    encoder.load_state_dict({key: torch.from_numpy(value) for key, value in state.items()})
    return encoder.eval()


def by_torch(embedder, texts, pool):
    torch = pytest.importorskip("torch")
    weights = embedder.bert.weights
    encoded = embedder.tokenizer.encode_batch(texts)
    ids, mask = (np.array([getattr(one, part) for one in encoded]) for part in ("ids", "attention_mask"))
    hidden = weights["embeddings.word_embeddings.weight"][ids]
    hidden = hidden + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    hidden = torch.from_numpy(hidden + weights["embeddings.token_type_embeddings.weight"][0])
    norm = [torch.from_numpy(weights[f"embeddings.LayerNorm.{kind}"]) for kind in ("weight", "bias")]
    hidden = torch.nn.functional.layer_norm(hidden, hidden.shape[-1:], *norm, eps=embedder.bert.config.layer_norm_eps)
    encoder = torch_encoder(
        weights, embedder.bert.config.num_hidden_layers, embedder.bert.config.num_attention_heads, 1e-12
    )
    with torch.no_grad():
        out = encoder(hidden, src_key_padding_mask=torch.from_numpy(mask == 0)).numpy()
    pooled = pool(out, mask)
    return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)


def mean(out, mask):
    return np.stack([vectors[used == 1].mean(axis=0) for vectors, used in zip(out, mask, strict=True)])


def test_vectors_are_those_of_torchs_encoder(sentence_folder):
    embedder = SentenceEmbedder.open(sentence_folder)
    assert np.allclose(embedder.embed(TEXTS), by_torch(embedder, TEXTS, mean), atol=2e-5)


def test_a_model_that_takes_the_first_token_does(sentence_folder):
    (sentence_folder / "1_Pooling").mkdir()
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (sentence_folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    embedder = SentenceEmbedder.open(sentence_folder)
    assert np.allclose(embedder.embed(TEXTS), by_torch(embedder, TEXTS, lambda out, _: out[:, 0]), atol=2e-5)


def test_the_error_function_is_right():
    from skillwright.llm.embeddings.bert import _erf

    values = np.linspace(-5, 5, 1001, dtype=np.float32)
    assert np.abs(_erf(values) - [math.erf(value) for value in values]).max() < 5e-7


def test_a_text_longer_than_the_model_reads_is_cut(sentence_folder):
    embedder = SentenceEmbedder.open(sentence_folder)
    longer, longest = embedder.embed(["walk " * 22, "walk " * 500])
    assert np.allclose(longer, longest, atol=1e-6)


def test_tensors_may_have_the_prefix_some_models_give_them(sentence_folder):
    from safetensors.numpy import load_file, save_file

    before = SentenceEmbedder.open(sentence_folder).embed(TEXTS)
    path = sentence_folder / "model.safetensors"
    save_file({f"bert.{name}": tensor for name, tensor in load_file(path).items()}, path)
    assert np.array_equal(SentenceEmbedder.open(sentence_folder).embed(TEXTS), before)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\x00damaged"])
def test_a_missing_or_damaged_file_is_named(sentence_folder, name, content):
    path = sentence_folder / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        make_embedder(f"local:{sentence_folder}")
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "mpnet"}, "model_type: .*'bert', not 'mpnet'"),
        ({"hidden_act": "silu"}, "hidden_act"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"num_hidden_layers": 3}, "the tensor 'encoder.layer.2.attention.self.query.weight' is missing"),
        ({"num_attention_heads": 5}, "no multiple of 5 heads"),
    ],
)
def test_a_model_that_is_not_understood_is_refused(sentence_folder, change, said):
    path = sentence_folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ConfigError, match=said):
        make_embedder(f"local:{sentence_folder}")
