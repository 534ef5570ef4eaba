"""One program: compiled with nothing in reach but numpy, run on views, its result written to shared memory."""

import builtins
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from skillwright.sandbox.inside.views import Columns, View

__all__ = ["BrokenContract", "Program", "describe", "load", "write_numbers", "write_terms"]

Program = Mapping[str, object]
"""The names that the program defined."""

_FILENAME = "<program>"


class BrokenContract(Exception):
    """Says how a result is not what was asked for."""


def load(source: str, in_reach: Sequence[str]) -> Program:
    """Runs the top of a program, which defines its functions.

    Args:
        source: its text.
        in_reach: names of Python's functions that it may call.
    """
    offered = {name: getattr(builtins, name) for name in in_reach}
    names: dict[str, object] = {"np": np, "__builtins__": {**offered, "__import__": _import_numpy_only}}
    exec(compile(source, _FILENAME, "exec"), names)
    return names


def write_terms(program: Program, entry: str, columns: Sequence[Columns], memory: NDArray[np.uint8]) -> list[str]:
    """Runs a program that returns named terms, once, on all rows.

    Args:
        program: the program.
        entry: name of its function.
        columns: of each view.
        memory: takes the terms one after another, as float32 of shape (num,).

    Returns:
        The names of the terms.

    Raises:
        BrokenContract: it returned something else.
    """
    num = _num_rows(columns)
    returned = _call(program, entry, columns, slice(None))
    if not isinstance(returned, dict) or not returned:
        raise BrokenContract(f"{entry} returns a dict of named terms, not {_kind(returned)}")
    rows = memory[: len(memory) // 4 * 4].view(np.float32)
    if len(returned) * num > len(rows):
        raise BrokenContract(f"{entry} returned {len(returned)} terms, and there is no room for them")
    for index, (name, term) in enumerate(returned.items()):
        rows[index * num : (index + 1) * num] = _row(name, term, num)
    return [str(name) for name in returned]


def write_numbers(
    program: Program, entry: str, columns: Sequence[Columns], ends: Sequence[int], numbers: NDArray[np.float64]
) -> None:
    """Runs a program that returns one number, once on each stretch of rows.

    Args:
        program: the program.
        entry: name of its function.
        columns: of each view.
        ends: where each stretch ends; the next begins there.
        numbers: takes the results. Shape: (len(ends),).

    Raises:
        BrokenContract: it returned something else.
    """
    for index, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
        number = _numeric("the result has", _call(program, entry, columns, slice(begin, end)))
        if number.shape != ():
            raise BrokenContract(f"the result has shape {number.shape}; an episode must get one finite number")
        numbers[index] = number


def describe(error: BaseException) -> dict[str, object]:
    """Describes an error that a program raised.

    Args:
        error: the error.

    Returns:
        Its ``type``, ``message`` and ``line`` of the program, 0 if it is not known.
    """
    if isinstance(error, BrokenContract):
        return {"type": "", "message": _text(error), "line": 0}
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILENAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno or 0
    return {"type": type(error).__name__, "message": _text(error), "line": line}


def _call(program: Program, entry: str, columns: Sequence[Columns], rows: slice) -> object:
    function = program.get(entry)
    if not callable(function):
        raise BrokenContract(f"the program does not define {entry}")
    views = [View(one, rows) for one in columns]
    with np.errstate(all="ignore"):
        returned: object = function(*views)
    return returned


def _row(name: object, term: object, num: int) -> NDArray[np.generic]:
    array = _numeric(f"the term {name!r} has", term)
    if array.shape not in ((), (num,)):
        raise BrokenContract(f"the term {name!r} has shape {array.shape}, not ({num},)")
    return array


def _numeric(what: str, value: object) -> NDArray[np.generic]:
    try:
        array: NDArray[np.generic] = np.asarray(value)
    except ValueError as error:
        raise BrokenContract(f"{what} no shape: {error}") from None
    if array.dtype.kind not in "fiub":
        raise BrokenContract(f"{what} the dtype {array.dtype}: it is not an array of numbers")
    return array


def _num_rows(columns: Sequence[Columns]) -> int:
    return next(len(array) for one in columns for array in one.arrays.values())


def _kind(value: object) -> str:
    return "an empty dict" if isinstance(value, dict) else type(value).__name__


def _text(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except Exception:
        return "an error that cannot be put into words"


def _import_numpy_only(name: str, *_: object) -> ModuleType:
    """Serves numpy's C code, which imports its own modules through the calling frame's builtins on first use."""
    if name.partition(".")[0] != "numpy" or name not in sys.modules:
        raise ImportError(name)
    return sys.modules[name]
