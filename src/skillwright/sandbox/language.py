"""The language programs are written in: what of Python, numpy and math they may say, and what to write instead.

Everything here only says what is worth running; what a program may *do* its process decides. So time, memory and
recursion are not looked at here: the process ends a program that takes too much of them.
"""

import ast
from collections.abc import Mapping
from typing import Final

__all__ = [
    "ACTING_ENTRY",
    "ATTRIBUTES",
    "BUILTINS",
    "EXCEPTIONS",
    "IMPORTS",
    "INSTEAD_OF_NAMES",
    "INSTEAD_OF_NUMPY",
    "INSTEAD_OF_SYNTAX",
    "LINALG_FUNCTIONS",
    "MATH_FUNCTIONS",
    "NUMPY_FUNCTIONS",
    "NUMPY_KINDS",
    "SYNTAX",
    "TYPING_MODULES",
    "parameters",
]

ACTING_ENTRY: Final = "skill"
"""Name of the function of a program that acts, rather than computes."""

SYNTAX: Final = tuple(
    getattr(ast, name)
    for name in (
        "Module FunctionDef Lambda arguments arg Return Assign AnnAssign AugAssign Expr Pass "
        "If For While Break Continue With withitem Assert Raise Import ImportFrom alias "
        "BoolOp BinOp UnaryOp IfExp Compare Call keyword Starred Attribute Subscript Slice Name Constant "
        "Tuple List Dict ListComp DictComp GeneratorExp comprehension JoinedStr FormattedValue "
        "Load Store And Or Not Add Sub Mult Div FloorDiv Mod Pow MatMult USub UAdd Invert BitAnd BitOr BitXor "
        "Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn"
    ).split()
)
"""Nodes of the syntax tree that programs are made of."""

INSTEAD_OF_SYNTAX: Final[Mapping[str, str]] = {
    "AsyncFunctionDef": "write def",
    "Await": "nothing waits here",
    "ClassDef": "write functions, and keep several values in a dict",
    "Del": "leave the value alone; what is not returned does not count",
    "Delete": "leave the value alone; what is not returned does not count",
    "Global": "pass the value as an argument and return it",
    "LShift": "use np.where and & | ~ on conditions",
    "Match": "use if, elif and else on numbers, np.where on arrays",
    "NamedExpr": "assign on a line of its own",
    "Nonlocal": "pass the value as an argument and return it",
    "RShift": "use np.where and & | ~ on conditions",
    "Set": "use a list or a tuple; a set has no fixed order",
    "SetComp": "use a list; a set has no fixed order",
    "Try": "guard the computation with np.where or np.maximum; an error comes back to you with its line",
    "TryStar": "guard the computation with np.where or np.maximum; an error comes back to you with its line",
    "Yield": "return a list",
    "YieldFrom": "return a list",
}
"""What is not part of the language -> what to write instead."""

IMPORTS: Final = frozenset({"import numpy as np", "import math", "from __future__ import annotations"})
"""Lines that are accepted and do nothing: np and math are there already."""

TYPING_MODULES: Final = frozenset({"typing", "numpy.typing", "collections.abc"})
"""Modules whose names may be imported for annotations, which nobody reads."""

NUMPY_FUNCTIONS: Final = frozenset(
    (
        "abs absolute add all allclose amax amin any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh "
        "argmax argmin argsort around array array_equal asarray atleast_1d atleast_2d average bitwise_and "
        "bitwise_not bitwise_or bitwise_xor bool bool_ broadcast_to cbrt ceil clip column_stack concatenate copy "
        "copysign cos cosh count_nonzero cross cumprod cumsum deg2rad degrees diff divide dot e einsum equal exp "
        "exp2 expand_dims expm1 eye fabs flip float16 float32 float64 float_power floor floor_divide fmax fmin fmod "
        "full full_like gradient greater greater_equal heaviside hstack hypot inf inner int32 int64 int8 interp "
        "invert isclose isfinite isin isinf isnan less less_equal linspace log log10 log1p log2 logaddexp "
        "logical_and logical_not logical_or logical_xor matmul max maximum mean median min minimum mod moveaxis "
        "multiply nan nan_to_num nanmax nanmean nanmin nansum ndim negative newaxis nonzero not_equal ones "
        "ones_like outer percentile pi piecewise positive power prod ptp quantile rad2deg radians ravel reciprocal "
        "remainder repeat reshape rint roll round select shape sign signbit sin sinc sinh size sort sqrt square "
        "squeeze stack std subtract sum swapaxes take tan tanh tensordot tile transpose true_divide trunc uint8 "
        "unwrap var vdot vstack where zeros zeros_like"
    ).split()
)
"""Names a program may use of ``np``: pure functions and constants; none reads, writes or draws."""

NUMPY_KINDS: Final = frozenset("floating generic integer ndarray number".split())
"""Types of ``np`` that a program may name in ``isinstance``, and nowhere else."""

LINALG_FUNCTIONS: Final = frozenset({"norm"})
"""Names a program may use of ``np.linalg``."""

INSTEAD_OF_NUMPY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("empty", "empty_like"), "use np.zeros or np.zeros_like"),
    **dict.fromkeys(
        ("vectorize", "apply_along_axis", "apply_over_axes", "fromfunction", "frompyfunc", "nditer", "ndenumerate"),
        "compute on whole arrays, which have one row per transition",
    ),
    "errstate": "write with np.errstate(divide='ignore'): and nothing else",
    "finfo": "write the number, for example 1e-6",
    "float_": "use np.float32",
    "linalg": f"use {', '.join(f'np.linalg.{name}' for name in sorted(LINALG_FUNCTIONS))}",
    "ndarray": "it may stand in isinstance(x, np.ndarray) and in annotations; arrays are made by np.array or np.zeros",
    "random": "leave the noise out; a program gives the same values each time",
}
"""Other names of ``np`` -> what to write instead."""

MATH_FUNCTIONS: Final = frozenset(
    (
        "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees dist e erf erfc exp exp2 expm1 "
        "fabs floor fmod fsum hypot inf isclose isfinite isinf isnan log log10 log1p log2 nan pi pow radians "
        "remainder sin sinh sqrt tan tanh tau trunc"
    ).split()
)
"""Names a program may use of ``math``: functions of single numbers, none of them slow."""

ATTRIBUTES: Final = frozenset(
    (
        "T all any argmax argmin argsort astype clip copy cumprod cumsum dot dtype fill flatten item max mean min ndim "
        "nonzero prod ravel repeat reshape round shape size squeeze std sum swapaxes take tolist transpose var "
        "append count extend index insert get items keys pop setdefault update values accumulate outer reduce"
    ).split()
)
"""Attributes of arrays, lists, dicts and numpy's functions that a program may use."""

BUILTINS: Final = frozenset(
    (
        "abs all any bool dict divmod enumerate filter float int isinstance len list map max min pow range reversed "
        "round sorted str sum tuple zip"
    ).split()
)
"""Functions of Python a program may use."""

EXCEPTIONS: Final = frozenset("ArithmeticError IndexError KeyError RuntimeError TypeError ValueError".split())
"""Errors a program may raise, with a text."""

INSTEAD_OF_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("getattr", "hasattr", "vars", "dir", "setattr"), "write the name of the field, as in s.x"),
    **dict.fromkeys(("set", "frozenset"), "use a list or a tuple; a set has no fixed order"),
    **dict.fromkeys(("eval", "exec", "compile"), "write the expression itself"),
    **dict.fromkeys(("jnp", "torch", "tf", "numpy", "scipy", "jax"), "use np"),
    **dict.fromkeys(EXCEPTIONS, 'it may only be raised: raise ValueError("why")'),
    "print": "leave it out; nobody reads what is printed",
    "type": "use isinstance",
}
"""Names that are not there -> what to write instead."""


def parameters(entry: str) -> tuple[str, ...]:
    """Gives the parameters that a function of a program has.

    Args:
        entry: its name. A program that acts takes the state and ``run``, and may have options of its own behind them,
            each with a number as its default; all others take the state before, the action and the state after.
    """
    return ("s", "run") if entry == ACTING_ENTRY else ("s", "a", "n")
