"""Tensors with a JSON header in one safetensors file: nothing in it can run."""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import CorruptArtifact

__all__ = ["read_tensors", "write_tensors"]

_HEADER_LENGTH: Final = 8


def write_tensors(tensors: Mapping[str, NDArray[Any]], spec: str) -> bytes:
    """Writes tensors and what they mean.

    Args:
        tensors: name -> array.
        spec: JSON text.

    Returns:
        The file's bytes; the same content gives the same bytes.
    """
    from safetensors.numpy import save

    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in sorted(tensors.items())}
    return save(contiguous, metadata={"spec": spec})


def read_tensors(data: bytes) -> tuple[dict[str, NDArray[Any]], str]:
    """Reads what ``write_tensors`` wrote.

    Args:
        data: the file's bytes.

    Returns:
        Tensors and spec.

    Raises:
        CorruptArtifact: the bytes are not such a file.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        length = int.from_bytes(data[:_HEADER_LENGTH], "little")
        header = json.loads(data[_HEADER_LENGTH : _HEADER_LENGTH + length])
        return load(data), str(header["__metadata__"]["spec"])
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise CorruptArtifact(f"not a file of tensors: {error}") from error
