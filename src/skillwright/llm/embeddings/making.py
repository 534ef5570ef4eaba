"""Names of embedders, and the embedders behind them."""

from pathlib import Path
from typing import Final

from skillwright.core.errors import ConfigError
from skillwright.llm.embeddings.embedder import Embedder, NoEmbedder
from skillwright.llm.spec import NONE, parse_spec

__all__ = ["make_embedder"]

_FORMS: Final = (
    "write openai:MODEL (such as openai:text-embedding-3-small), ollama:MODEL, vllm:MODEL@URL for any server with "
    "OpenAI's /embeddings, local:FOLDER for a sentence model on this machine, or none"
)
_SERVED: Final = ("openai", "ollama", "vllm")
_LOCAL: Final = "local:"


def make_embedder(name: str) -> Embedder:
    """Makes an embedder; a server is not asked yet.

    Args:
        name: ``none``, ``openai:MODEL``, ``ollama:MODEL``, ``vllm:MODEL@URL``, or ``local:FOLDER``.

    Raises:
        ConfigError: the name is wrong, or the folder holds no model that is understood.
        NotFound: there is no such provider.
        MissingExtra: a package is not installed.
    """
    text = name.strip()
    if text.startswith(_LOCAL):
        return _make_local(text.removeprefix(_LOCAL))
    spec = parse_spec(text)
    if spec == NONE:
        return NoEmbedder()
    if spec.provider not in _SERVED:
        raise ConfigError(f"{text!r} is no embedder; {_FORMS}")
    from skillwright.llm.embeddings.served import ServedEmbedder

    return ServedEmbedder(spec)


def _make_local(folder: str) -> Embedder:
    from skillwright.llm.embeddings.sentence import SentenceEmbedder

    if not folder:
        raise ConfigError(f"'local:' names no folder; {_FORMS}")
    return SentenceEmbedder.open(Path(folder).expanduser())
