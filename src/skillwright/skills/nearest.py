"""Which of many unit vectors are nearest to one: all are compared, large sets first in their main directions alone."""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UnitVectors"]

_EXACT: Final = 20_000
"""Up to so many vectors are compared whole; it takes some 2 ms."""
_NUM_MAIN: Final = 96
_SAMPLE: Final = 10_000
_SHORTLIST: Final = 20
"""Of larger sets so many times the wanted number are compared whole."""


class UnitVectors:
    """A fixed set of vectors of length 1."""

    def __init__(self, matrix: "NDArray[np.float32]") -> None:
        """Prepares the set.

        Args:
            matrix: the vectors. Shape: (num, dim), float32.
        """
        self._matrix = matrix
        self._directions = _main_directions(matrix) if len(matrix) > _EXACT and matrix.shape[1] > _NUM_MAIN else None
        self._shortened = matrix if self._directions is None else matrix @ self._directions

    def nearest(
        self, wanted: "NDArray[np.float32]", num: int, allowed: "NDArray[np.bool_]"
    ) -> "tuple[NDArray[np.intp], NDArray[np.float32]]":
        """Finds the vectors with the largest cosine, in no order.

        Args:
            wanted: a vector of length 1. Shape: (dim,), float32.
            num: how many to find; fewer come back if fewer are allowed.
            allowed: which may be found. Shape: (num of the set,), bool.

        Returns:
            Their indices and cosines. Shapes: (found,), intp and (found,), float32 in [-1, 1]. Of a set so large that
            it is compared in its main directions first, a vector can be missed.
        """
        if self._directions is None:
            return _largest(self._matrix @ wanted, num, allowed)
        near, _ = _largest(self._shortened @ (wanted @ self._directions), _SHORTLIST * num, allowed)
        best, cosine = _largest(self._matrix[near] @ wanted, num, np.ones(len(near), np.bool_))
        return near[best], cosine


def _main_directions(matrix: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Returns the directions in which the vectors are longest, by a sample's second moments. Shape: (dim, 96)."""
    sample = matrix[:: -(-len(matrix) // _SAMPLE)]
    _, vectors = np.linalg.eigh(sample.T @ sample)
    return np.ascontiguousarray(vectors[:, -_NUM_MAIN:], dtype=np.float32)


def _largest(
    values: "NDArray[np.floating]", num: int, allowed: "NDArray[np.bool_]"
) -> "tuple[NDArray[np.intp], NDArray[np.float32]]":
    values = np.where(allowed, values, -np.inf)
    num = min(num, int(allowed.sum()))
    top = np.argpartition(values, -num)[-num:] if num else np.zeros(0, np.intp)
    return top, values[top].astype(np.float32)
