"""What a program sees of the state before, the action and the state after: columns of shared memory by name."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Columns", "View", "find_columns"]


class Columns(NamedTuple):
    """The columns of one view."""

    label: str
    """What it is, in words."""
    arrays: Mapping[str, NDArray[np.generic]]
    """Those that the program names. Shape of each: (num, ...)."""
    names: Sequence[str]
    """All that there are."""


class View:
    """Columns as attributes: ``s.x`` has shape (num,) or (num, dim)."""

    __slots__ = ("_columns", "_rows")

    def __init__(self, columns: Columns, rows: slice) -> None:
        self._columns = columns
        self._rows = rows

    def __repr__(self) -> str:
        return self._columns.label

    def __getattr__(self, name: str) -> NDArray[np.generic]:
        array = self._columns.arrays.get(name)
        if array is None:
            known = ", ".join(self._columns.names)
            raise AttributeError(f"{self._columns.label} has no field {name!r}; its fields are {known}")
        return array[self._rows]


def find_columns(memory: memoryview, described: Mapping[str, object]) -> Columns:
    """Finds the columns of a view in shared memory.

    Args:
        memory: that the other side wrote, and this side cannot write.
        described: ``label``, ``names``, and ``arrays``: name -> offset, shape, dtype.
    """
    arrays = {}
    for name, (offset, shape, dtype) in described["arrays"].items():  # type: ignore[attr-defined] # the trusted side's
        num = int(np.prod(shape))
        arrays[name] = np.frombuffer(memory, dtype, num, offset).reshape(shape)
    return Columns(str(described["label"]), arrays, described["names"])  # type: ignore[arg-type]
