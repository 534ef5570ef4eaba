"""The words of the language programs are written in: what of Python, numpy and arrays they may use."""

import ast
from typing import Final

__all__ = ["ARRAY_METHODS", "BUILTINS", "NUMPY_FUNCTIONS", "RESERVED_FIELDS", "SYNTAX"]

SYNTAX: Final = tuple(
    getattr(ast, name)
    for name in (
        "Module FunctionDef arguments arg Return Assign AnnAssign AugAssign If Expr Pass "
        "BoolOp BinOp UnaryOp IfExp Compare Call Attribute Subscript Slice Name Constant Tuple List Dict keyword "
        "Load Store And Or Not Add Sub Mult Div FloorDiv Mod Pow USub UAdd Invert BitAnd BitOr BitXor "
        "Eq NotEq Lt LtE Gt GtE Is IsNot"
    ).split()
)
"""Nodes of the syntax tree: straight-line code with branches, no loops."""

NUMPY_FUNCTIONS: Final = frozenset(
    (
        "abs add all any arccos arcsin arctan arctan2 argmax argmin argsort asarray cbrt ceil clip concatenate "
        "copysign cos cosh cross cumprod cumsum deg2rad degrees diff divide dot e equal exp exp2 expm1 float32 float64 "
        "floor fmax fmin fmod full_like greater greater_equal hypot inf int64 isfinite isnan less less_equal log log10 "
        "log1p log2 logaddexp logical_and logical_not logical_or logical_xor max maximum mean median min minimum mod "
        "multiply nan_to_num negative newaxis not_equal ones_like percentile pi power prod ptp rad2deg radians "
        "reciprocal remainder round sign sin sinc sinh sort sqrt square squeeze std subtract sum take tan tanh trunc "
        "var where zeros_like"
    ).split()
)
"""Names a program may use of ``np``: pure functions and constants, none that reads or writes."""

ARRAY_METHODS: Final = frozenset(
    "T all any astype clip cumsum dot max mean min ndim prod shape size std sum var".split()
)
"""Attributes a program may use of arrays."""

BUILTINS: Final = frozenset("abs bool float int len max min round".split())
"""Functions of Python a program may call."""

RESERVED_FIELDS: Final = frozenset(name for kind in (str, list, dict, tuple, float) for name in dir(kind))
"""Attributes of Python's own values, which ``s``, ``a`` and ``n`` may not be asked for."""
