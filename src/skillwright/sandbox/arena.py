"""Shared memory between the two sides: inputs that the far side cannot write, outputs that this side copies."""

import fcntl
import mmap
import os
import sys
import tempfile
from types import TracebackType
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arena", "padded"]

Number = TypeVar("Number", bound=np.generic)

_ALIGNMENT: Final = 64
"""Bytes; every array begins at a multiple."""
_ADD_SEALS: Final = 1033
_NO_SHRINKING: Final = 0x2
_NO_GROWING: Final = 0x4
_NO_MORE_WRITING: Final = 0x10
"""New mappings cannot be written; that of this side was made before."""


class Arena:
    """Memory without a name, in files that only their descriptors lead to; what is not touched takes no room.

    The size is sealed, so that the far side cannot pull a page away from under this one.

    Args:
        input_bytes: room for arguments.
        output_bytes: room for results.
    """

    def __init__(self, input_bytes: int, output_bytes: int) -> None:
        self.input_bytes = input_bytes
        self.output_bytes = output_bytes
        self.input_descriptor = _make_file("skillwright-inputs", input_bytes)
        self.output_descriptor = _make_file("skillwright-outputs", output_bytes)
        self._inputs = mmap.mmap(self.input_descriptor, input_bytes)
        self._outputs = mmap.mmap(self.output_descriptor, output_bytes)
        _seal(self.input_descriptor, _NO_SHRINKING | _NO_GROWING | _NO_MORE_WRITING)
        _seal(self.output_descriptor, _NO_SHRINKING | _NO_GROWING)
        self._used = 0

    def __enter__(self) -> "Arena":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def clear(self) -> None:
        """Makes room for the next arguments."""
        self._used = 0

    def write(self, array: NDArray[np.generic]) -> int:
        """Copies an array in.

        Args:
            array: there must be room for it.

        Returns:
            Where it begins, in bytes.
        """
        begin = self._used
        place = np.frombuffer(self._inputs, array.dtype, array.size, begin).reshape(array.shape)
        np.copyto(place, array)
        self._used = begin + padded(array.nbytes)
        return begin

    def read(self, dtype: type[Number], shape: tuple[int, ...]) -> NDArray[Number]:
        """Copies a result out; what the far side writes later does not change it.

        Args:
            dtype: of the result.
            shape: of the result.
        """
        return np.frombuffer(self._outputs, dtype, int(np.prod(shape))).reshape(shape).copy()

    def close(self) -> None:
        """Frees the memory on this side."""
        self._inputs.close()
        self._outputs.close()
        os.close(self.input_descriptor)
        os.close(self.output_descriptor)


def padded(num_bytes: int) -> int:
    """Gives the room that an array takes.

    Args:
        num_bytes: of the array.
    """
    return -(-num_bytes // _ALIGNMENT) * _ALIGNMENT


def _make_file(name: str, num_bytes: int) -> int:
    if sys.platform.startswith("linux"):
        descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, num_bytes)
    return descriptor


def _seal(descriptor: int, seals: int) -> None:
    """Seals a file where the system can; elsewhere the far side is trusted with its size."""
    if sys.platform.startswith("linux"):
        fcntl.fcntl(descriptor, _ADD_SEALS, seals)
