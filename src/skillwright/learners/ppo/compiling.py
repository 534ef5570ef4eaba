"""How functions become machine code: by numba, at their first call, kept on the disk for the next process."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

__all__ = ["compiled"]

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Has numba compile a function when it is first called; the code is kept on the disk where there is a place for it.

    What is kept is not renewed when a compiled function in another file changes, so those that call each other share
    a file.

    Unlike ``fastmath=True``, these flags keep the rules for NaN and infinity, so that a diverged candidate can be told.
    """

    def compile_it(*, cache: bool) -> Function:
        flags = {"reassoc", "contract", "nsz", "arcp"}
        machine_code = numba.njit(cache=cache, nogil=True, error_model="numpy", fastmath=flags)(function)
        return cast("Function", machine_code)

    try:
        return compile_it(cache=True)
    except RuntimeError:  # neither the package's folder nor the person's cache can be written
        return compile_it(cache=False)
