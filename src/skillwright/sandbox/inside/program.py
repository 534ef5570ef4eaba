"""One program: compiled with nothing in reach but numpy, run on views, its result written to shared memory."""

import __future__

import ast
import builtins
import math
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.sandbox.inside.advice import advise
from skillwright.sandbox.inside.views import Columns, View

__all__ = ["MAX_TERMS", "BrokenContract", "Program", "define", "describe", "load", "write_numbers", "write_terms"]

MAX_TERMS: Final = 64
"""Most terms that a program may return."""

_FILENAME: Final = "<program>"
_ALREADY_THERE: Final = frozenset({"numpy", "math", "typing", "numpy.typing", "collections.abc", "__future__"})
"""Modules whose imports do nothing: they are in reach, or only annotations speak of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program, ready to run."""

    code: CodeType
    """Its top, which defines its functions."""
    builtins: Mapping[str, object]
    """Python's functions that it may call."""


class BrokenContract(Exception):
    """Says how a result is not what was asked for."""


def load(source: str, in_reach: Sequence[str]) -> Program:
    """Compiles a program, annotations left out.

    Args:
        source: its text.
        in_reach: names of Python's functions that it may call.
    """
    tree = _without_imports(ast.parse(source, _FILENAME))
    code = compile(tree, _FILENAME, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)
    offered = {name: getattr(builtins, name) for name in in_reach}
    return Program(code=code, builtins={**offered, "__import__": _import_numpy_only})


def _without_imports(tree: ast.Module) -> ast.Module:
    """Drops the imports of what is in reach anyway; line numbers stay."""
    for node in ast.walk(tree):
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(block, list):
                block[:] = [ast.copy_location(ast.Pass(), one) if _does_nothing(one) else one for one in block]
    return tree


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import):
        return {alias.name for alias in statement.names} <= _ALREADY_THERE
    return isinstance(statement, ast.ImportFrom) and statement.module in _ALREADY_THERE


def write_terms(program: Program, entry: str, columns: Sequence[Columns], memory: NDArray[np.uint8]) -> list[str]:
    """Runs a program that returns named terms, once, on all rows.

    A term of one number holds for all rows, and one of shape (num, 1) is taken for its only column: each has one
    meaning, and models write both. Whatever numpy knows as numbers becomes float32.

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
        raise BrokenContract(
            f"{entry} returns a dict of named terms, not {_kind(returned)}; write return {{'name': array, ...}} "
            "and nothing beside it: the reward is the sum of the terms"
        )
    rows = memory[: len(memory) // 4 * 4].view(np.float32)
    if len(returned) > MAX_TERMS or len(returned) * num > len(rows):
        raise BrokenContract(f"{entry} returned {len(returned)} terms; return at most {MAX_TERMS}")
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
    traceback.clear_frames(error.__traceback__)  # if memory ran out, it is they who hold it
    return {"type": type(error).__name__, "message": advise(type(error).__name__, _text(error)), "line": line}


def define(program: Program, entry: str) -> Callable[..., object]:
    """Runs the top of a program anew, so that nothing it puts aside is there the next time.

    Args:
        program: the program.
        entry: name of one of its functions.

    Returns:
        That function.

    Raises:
        BrokenContract: the program does not define it.
    """
    names: dict[str, object] = {"np": np, "math": math, "__builtins__": dict(program.builtins)}
    exec(program.code, names)
    function = names.get(entry)
    if not callable(function):
        raise BrokenContract(f"the program does not define {entry}")
    return function


def _call(program: Program, entry: str, columns: Sequence[Columns], rows: slice) -> object:
    function = define(program, entry)
    views = [View(one, rows) for one in columns]
    with np.errstate(all="ignore"):
        returned: object = function(*views)
    return returned


def _row(name: object, term: object, num: int) -> NDArray[np.generic]:
    array = _numeric(f"the term {name!r} has", term)
    if array.shape in ((), (num,)):
        return array
    if array.shape == (num, 1):
        return array[:, 0]
    if array.shape == (num, num):
        advice = "a column of shape (batch, 1) met a row of shape (batch,): index the column with [:, 0]"
    elif array.shape[0] == num:
        advice = "sum over the other axes with .sum(axis=-1), or return each column as a term"
    else:
        advice = "do not slice, repeat or join rows: each is one transition"
    raise BrokenContract(f"the term {name!r} has shape {array.shape}, not ({num},); {advice}")


def _numeric(what: str, value: object) -> NDArray[np.generic]:
    if value is None:
        raise BrokenContract(f"{what} no value: it is None; see whether each function returns its result")
    try:
        array: NDArray[np.generic] = np.asarray(value)
    except ValueError as error:
        raise BrokenContract(f"{what} no shape: {error}") from None
    if array.dtype.kind not in "fiub":
        raise BrokenContract(f"{what} the dtype {array.dtype}: it is not an array of numbers; return plain numbers")
    return array


def _num_rows(columns: Sequence[Columns]) -> int:
    return next(len(array) for one in columns for array in one.arrays.values())


def _kind(value: object) -> str:
    if isinstance(value, tuple):
        return f"a tuple of {len(value)} values"
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
