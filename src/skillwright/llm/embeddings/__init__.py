"""Texts as vectors: by a server, by a sentence model on this machine, or not at all."""

from skillwright.llm.embeddings.embedder import Embedder, NoEmbedder
from skillwright.llm.embeddings.making import make_embedder

__all__ = ["Embedder", "NoEmbedder", "make_embedder"]
