"""Names that the values of a program have of their own; whatever else follows a dot is a field of the world."""

import types
from typing import Final

import numpy as np

__all__ = ["VALUE_NAMES"]

VALUE_NAMES: Final = frozenset(
    name
    for kind in (
        *(np.ndarray, np.generic, np.ufunc, str, bytes, list, dict, tuple, set, int, float, complex),
        *(types.GeneratorType, types.CoroutineType, types.FrameType, types.CodeType, types.TracebackType),
    )
    for name in dir(kind)
)
"""Attributes of arrays, numbers, texts, containers, generators and frames; no card may call a field so."""
