"""Programs made callable: checked against the allow-list, compiled with nothing but numpy in reach."""

import builtins
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Final

import numpy as np

from skillwright.core.errors import ProgramFailed
from skillwright.sandbox.allowlist import check_program
from skillwright.sandbox.language import BUILTINS

__all__ = ["Program", "compile_program"]

_FILENAME: Final = "<program>"
_IN_REACH: Final = {name: getattr(builtins, name) for name in BUILTINS}

Program = Callable[[object, object, object], object]
"""``program(s, a, n)``; see ``skillwright.envs.transitions.views``."""


def compile_program(source: str, entry: str) -> Program:
    """Makes a program callable.

    Args:
        source: the program's source text.
        entry: name of its function: ``reward``, ``success`` or ``fitness``.

    Returns:
        The function. Whatever it raises arrives as ``ProgramFailed`` with type, message and line.

    Raises:
        ProgramRejected: the program is outside the allowed language.
        ProgramFailed: a constant at its top cannot be computed.
    """
    tree = check_program(source, entry)
    names: dict[str, object] = {"np": np, "__builtins__": {**_IN_REACH, "__import__": _import_numpy_only}}
    try:
        exec(compile(tree, _FILENAME, "exec"), names)
    except Exception as error:
        raise ProgramFailed(_describe(error)) from None
    function = names[entry]
    assert callable(function)

    def program(s: object, a: object, n: object) -> object:
        try:
            with np.errstate(all="ignore"):
                return function(s, a, n)
        except Exception as error:
            raise ProgramFailed(_describe(error)) from None

    return program


def _import_numpy_only(name: str, *_: object) -> ModuleType:
    """Serves numpy's C code, which imports its own modules through the calling frame's builtins on first use."""
    if name.partition(".")[0] != "numpy" or name not in sys.modules:
        raise ImportError(name)
    return sys.modules[name]


def _describe(error: Exception) -> str:
    """Says type, message and line of the program for an error raised in it."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILENAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    where = f"line {line}: " if line else ""
    return f"{where}{type(error).__name__}: {str(error)[:300]}"
