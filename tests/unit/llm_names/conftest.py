"""A server of embeddings on loopback, and a tiny sentence model in a folder."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

DIM, NUM_HEADS, NUM_LAYERS, NUM_POSITIONS, INNER = 32, 4, 2, 24, 64
WORDS = "[PAD] [UNK] [CLS] [SEP] open the drawer land soft ##ly walk run to flag ##s .".split()


class EmbeddingServer(ThreadingHTTPServer):
    """Answers with a vector made from each text's hash, unless a test says otherwise."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.batches: list[list[str]] = []
        self.authorization: list[str | None] = []
        self.status = 200
        self.body: object = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.batches.append(sent["input"])
        self.server.authorization.append(self.headers["authorization"])
        data = [
            {"object": "embedding", "index": index, "embedding": _vector(text)}
            for index, text in enumerate(sent["input"])
        ]
        whole = {"object": "list", "model": "m", "data": data[::-1], "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        answer = whole if self.server.body is None else self.server.body
        payload = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *args):
        pass


def _vector(text: str) -> list[float]:
    return [byte - 127.5 for byte in hashlib.sha256(text.encode()).digest()[:8]]


@pytest.fixture
def embedding_server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def random_weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray:
        return random.normal(scale=0.3, size=shape).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": drawn(len(WORDS), DIM),
        "embeddings.position_embeddings.weight": drawn(NUM_POSITIONS, DIM),
        "embeddings.token_type_embeddings.weight": drawn(2, DIM),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(NUM_LAYERS):
        name = f"encoder.layer.{layer}"
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
        square = [f"{name}.attention.{part}" for part in ("self.query", "self.key", "self.value", "output.dense")]
        shapes = {part: (DIM, DIM) for part in square}
        shapes |= {f"{name}.intermediate.dense": (INNER, DIM), f"{name}.output.dense": (DIM, INNER)}
        for part, shape in shapes.items():
            weights |= {f"{part}.weight": drawn(*shape), f"{part}.bias": drawn(shape[0])}
    for norm in norms:
        weights |= {f"{norm}.weight": 1 + drawn(DIM), f"{norm}.bias": drawn(DIM)}
    return weights


@pytest.fixture
def sentence_folder(tmp_path: Path) -> Path:
    """A sentence model as sentence-transformers lays it out, with random weights."""
    tokenizers = pytest.importorskip("tokenizers")
    from safetensors.numpy import save_file
    from tokenizers import models, normalizers, pre_tokenizers, processors

    folder = tmp_path / "model"
    folder.mkdir()
    vocabulary = {word: index for index, word in enumerate(WORDS)}
    tokenizer = tokenizers.Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "num_hidden_layers": NUM_LAYERS,
        "num_attention_heads": NUM_HEADS,
        "max_position_embeddings": NUM_POSITIONS,
        "layer_norm_eps": 1e-12,
        "hidden_size": DIM,
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(random_weights(), folder / "model.safetensors")
    return folder
