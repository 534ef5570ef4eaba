"""A sentence model on this machine: BERT, read from a folder and computed with numpy.

Any folder as sentence-transformers writes it works, if its encoder is a BERT (MiniLM, BGE, E5, GTE-small are):
``config.json``, ``tokenizer.json``, ``model.safetensors``, and ``1_Pooling/config.json`` where the pooling is not the
mean. Nothing is downloaded: the person puts the folder there.

Why not a package: those that run such models bring torch (gigabytes) or onnxruntime and fetch files by themselves. What
is left of BERT without training is one page of numpy, which is tested against torch's own encoder; only the tokenizer,
where details matter, comes from a maintained package (``tokenizers``).

N. Reimers, I. Gurevych, "Sentence-BERT", EMNLP 2019: a sentence is the mean of its tokens' vectors (or the first
token's), made length 1.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from skillwright.core.errors import ConfigError, MissingExtra
from skillwright.llm.embeddings.bert import Array, Bert, BertConfig, tensor_names

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["SentenceEmbedder"]

SettingsT = TypeVar("SettingsT", bound=BaseModel)

_BATCH: Final = 32
_WANTED: Final = "give the folder of a BERT as sentence-transformers writes it, with tokenizer.json and safetensors"


class _Pooling(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = True


class _Limits(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    max_seq_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceEmbedder:
    """Computes embeddings with a model in a folder."""

    folder: Path
    bert: Bert
    tokenizer: "Tokenizer"
    takes_first_token: bool
    """Whether a sentence is its first token's vector; else the mean of all."""

    @classmethod
    def open(cls, folder: Path) -> "SentenceEmbedder":
        """Reads a model.

        Args:
            folder: the folder as sentence-transformers wrote it.

        Raises:
            ConfigError: a file is missing or damaged, or the model is not a BERT.
            MissingExtra: ``tokenizers`` is not installed.
        """
        config = _read_json(folder / "config.json", BertConfig)
        pooling_file = folder / "1_Pooling" / "config.json"
        pooling = _read_json(pooling_file, _Pooling) if pooling_file.is_file() else _Pooling()
        if not pooling.pooling_mode_cls_token and not pooling.pooling_mode_mean_tokens:
            raise ConfigError(f"{pooling_file}: only the mean and the first token are understood as pooling")
        return cls(
            folder=folder,
            bert=Bert(config, _read_weights(folder / "model.safetensors", config)),
            tokenizer=_read_tokenizer(folder, config),
            takes_first_token=pooling.pooling_mode_cls_token,
        )

    @property
    def spec(self) -> str:
        """The embedder's name."""
        return f"local:{self.folder}"

    @property
    def description(self) -> str:
        """What it does, in a sentence for the person."""
        return f"embeddings of the model in {self.folder}, computed on this machine"

    def embed(self, texts: Sequence[str]) -> Array:
        """Embeds texts; what is longer than the model can read is cut.

        Args:
            texts: any number of them.

        Returns:
            Shape: (len(texts), dim), float32; rows of length 1.
        """
        dim = self.bert.weights["embeddings.LayerNorm.weight"].shape[0]
        vectors = np.empty((len(texts), dim), np.float32)
        by_length = sorted(range(len(texts)), key=lambda k: len(texts[k]))  # alike in length, little padding
        for start in range(0, len(texts), _BATCH):
            chosen = by_length[start : start + _BATCH]
            vectors[chosen] = self._embed_batch([texts[k] for k in chosen])
        return vectors

    def _embed_batch(self, texts: list[str]) -> Array:
        encoded = self.tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in encoded])
        types = np.array([one.type_ids for one in encoded])
        mask = np.array([one.attention_mask for one in encoded], np.float32)
        hidden = self.bert.encode(ids, types, mask)
        pooled = hidden[:, 0] if self.takes_first_token else _mean(hidden, mask)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)


def _mean(hidden: Array, mask: Array) -> Array:
    return np.asarray((hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True))


def _read_json(path: Path, schema: type[SettingsT]) -> SettingsT:
    try:
        return schema.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; {_WANTED}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"{path}: {where}: {first['msg']}, not {str(first['input'])[:60]!r}; {_WANTED}") from None
    except ValueError as error:
        raise ConfigError(f"{path}: this is not JSON: {error}") from None


def _read_weights(path: Path, config: BertConfig) -> Mapping[str, Array]:
    """Reads the tensors the computation needs, in float32, without the prefix that some models have."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        loaded = load_file(path)
    except (OSError, SafetensorError, TypeError, KeyError) as error:  # numpy lacks some types of numbers
        raise ConfigError(f"{path}: cannot be read: {error}; {_WANTED}") from None
    weights = {name.removeprefix("bert."): np.asarray(tensor, np.float32) for name, tensor in loaded.items()}
    missing = [name for name in tensor_names(config.num_hidden_layers) if name not in weights]
    if missing:
        raise ConfigError(f"{path}: the tensor {missing[0]!r} is missing; {_WANTED}")
    if weights["embeddings.LayerNorm.weight"].shape[0] % config.num_attention_heads:
        raise ConfigError(f"{path}: its width is no multiple of {config.num_attention_heads} heads")
    return weights


def _read_tokenizer(folder: Path, config: BertConfig) -> "Tokenizer":
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise MissingExtra("tokenizers", "embeddings") from None
    path = folder / "tokenizer.json"
    limits_file = folder / "sentence_bert_config.json"
    longest = config.max_position_embeddings
    if limits_file.is_file():
        longest = min(longest, _read_json(limits_file, _Limits).max_seq_length)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing more special
        raise ConfigError(f"{path}: cannot be read: {error}; {_WANTED}") from None
    tokenizer.enable_truncation(longest)
    pad = tokenizer.token_to_id("[PAD]")
    tokenizer.enable_padding(pad_id=0 if pad is None else pad)
    return tokenizer
