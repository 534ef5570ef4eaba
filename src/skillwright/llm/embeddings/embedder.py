"""What turns texts into vectors, and the one that does not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Embedder", "NoEmbedder"]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how near two meanings are."""

    @property
    def spec(self) -> str:
        """How the person named it; vectors of different embedders must never be compared."""
        ...

    @property
    def description(self) -> str:
        """What it does, in a sentence for the person."""
        ...

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Embeds texts.

        Args:
            texts: any number of them.

        Returns:
            One vector of length 1 per text, in order. Shape: (len(texts), dim), float32; without an embedder, and
            where no text was given, dim may be 0.

        Raises:
            ModelUnavailable: the server cannot be reached, or does not answer as it must.
        """
        ...


class NoEmbedder:
    """Knows nothing of meaning: every text becomes a vector without numbers, and all similarities are 0."""

    spec = "none"
    description = "no embeddings: texts are compared by their words alone"

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Gives each text an empty vector.

        Args:
            texts: any number of them.

        Returns:
            Shape: (len(texts), 0), float32.
        """
        import numpy as np

        return np.zeros((len(texts), 0), np.float32)
