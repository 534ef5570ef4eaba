"""Seeds derived from names, so that no two parts of a run ever share a random stream by accident."""

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["derive_seed", "generator"]


def derive_seed(seed: int, *names: str | int) -> int:
    """Derives the seed of one named part; the same on every platform, in every process.

    Args:
        seed: seed of the whole.
        names: path of the part, such as ``"train", generation, candidate``.

    Returns:
        A number in ``[0, 2**31)``, which every simulator accepts.
    """
    return int.from_bytes(_digest(seed, names)[:4], "big") >> 1


def generator(seed: int, *names: str | int) -> "np.random.Generator":
    """Makes the random generator of one named part.

    Args:
        seed: seed of the whole.
        names: path of the part.

    Returns:
        A PCG64 generator whose state depends on all 256 bits of the derived hash.
    """
    import numpy as np

    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest(seed, names), "big")))


def _digest(seed: int, names: tuple[str | int, ...]) -> bytes:
    """Hashes the path as JSON, in which ``("a", "b")``, ``("ab",)`` and ``1``, ``"1"`` all differ."""
    return hashlib.sha256(json.dumps([seed, *names]).encode()).digest()
