"""The language programs are written in: a pure, loop-free subset of Python over numpy, by allow-list of syntax."""

import ast
from collections.abc import Iterator
from typing import Final

from skillwright.core.errors import ProgramRejected

__all__ = ["MAX_SOURCE_LENGTH", "NUMPY_FUNCTIONS", "check_program"]

MAX_SOURCE_LENGTH: Final = 20_000
"""Longest source accepted, in characters."""

_MAX_NODES: Final = 4_000
_MAX_CONSTANT: Final = 10**9
_MAX_EXPONENT: Final = 64

_SYNTAX: Final = tuple(
    getattr(ast, name)
    for name in [
        "Module",
        "FunctionDef",
        "arguments",
        "arg",
        "Return",
        "Assign",
        "AnnAssign",
        "AugAssign",
        "If",
        "Expr",
        "Pass",
        "BoolOp",
        "BinOp",
        "UnaryOp",
        "IfExp",
        "Compare",
        "Call",
        "Attribute",
        "Subscript",
        "Slice",
        "Name",
        "Constant",
        "Tuple",
        "List",
        "Dict",
        "keyword",
        "Load",
        "Store",
        "And",
        "Or",
        "Not",
        "Add",
        "Sub",
        "Mult",
        "Div",
        "FloorDiv",
        "Mod",
        "Pow",
        "USub",
        "UAdd",
        "Invert",
        "BitAnd",
        "BitOr",
        "BitXor",
        "Eq",
        "NotEq",
        "Lt",
        "LtE",
        "Gt",
        "GtE",
        "Is",
        "IsNot",
    ]
)

NUMPY_FUNCTIONS: Final = frozenset(
    [
        "abs",
        "add",
        "all",
        "any",
        "arange",
        "arccos",
        "arcsin",
        "arctan",
        "arctan2",
        "argmax",
        "argmin",
        "argsort",
        "asarray",
        "cbrt",
        "ceil",
        "clip",
        "concatenate",
        "copysign",
        "cos",
        "cosh",
        "cross",
        "cumprod",
        "cumsum",
        "deg2rad",
        "degrees",
        "diff",
        "divide",
        "dot",
        "e",
        "equal",
        "exp",
        "exp2",
        "expm1",
        "float32",
        "float64",
        "floor",
        "fmax",
        "fmin",
        "fmod",
        "full_like",
        "greater",
        "greater_equal",
        "hypot",
        "inf",
        "int64",
        "isfinite",
        "isnan",
        "less",
        "less_equal",
        "log",
        "log10",
        "log1p",
        "log2",
        "logaddexp",
        "logical_and",
        "logical_not",
        "logical_or",
        "logical_xor",
        "max",
        "maximum",
        "mean",
        "median",
        "min",
        "minimum",
        "mod",
        "multiply",
        "nan_to_num",
        "negative",
        "newaxis",
        "not_equal",
        "ones_like",
        "percentile",
        "pi",
        "power",
        "prod",
        "ptp",
        "rad2deg",
        "radians",
        "reciprocal",
        "remainder",
        "round",
        "sign",
        "sin",
        "sinc",
        "sinh",
        "sort",
        "sqrt",
        "square",
        "squeeze",
        "std",
        "subtract",
        "sum",
        "take",
        "tan",
        "tanh",
        "trunc",
        "var",
        "where",
        "zeros_like",
    ]
)
"""Names a program may use of ``np``: pure functions and constants, none that reads, writes, or allocates at will."""

_ARRAY_METHODS: Final = frozenset(
    [
        "T",
        "all",
        "any",
        "astype",
        "clip",
        "cumsum",
        "dot",
        "max",
        "mean",
        "min",
        "ndim",
        "prod",
        "shape",
        "size",
        "std",
        "sum",
        "var",
    ]
)
_BUILTINS: Final = frozenset(["abs", "bool", "float", "int", "len", "max", "min", "round"])


def check_program(source: str, entry: str) -> ast.Module:
    """Checks that a program stays inside the allowed language.

    Args:
        source: the program's source text.
        entry: name of the function the program must define, with the parameters ``(s, a, n)``.

    Returns:
        The syntax tree, ready to compile.

    Raises:
        ProgramRejected: with the line and what is not allowed there.
    """
    if len(source) > MAX_SOURCE_LENGTH:
        raise ProgramRejected(f"the program is longer than {MAX_SOURCE_LENGTH} characters")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise ProgramRejected(f"line {line or '?'}: {getattr(error, 'msg', None) or error}") from None
    nodes = list(ast.walk(tree))
    if len(nodes) > _MAX_NODES:
        raise ProgramRejected(f"the program has more than {_MAX_NODES} syntax nodes")
    for problem in _problems(tree, nodes, entry):
        raise ProgramRejected(problem)
    return tree


def _problems(tree: ast.Module, nodes: list[ast.AST], entry: str) -> Iterator[str]:
    yield from _shape_problems(tree, entry)
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    attribute_bases = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id == "np" and id(node) not in attribute_bases:
            yield f"line {node.lineno}: np may only be used as np.NAME"
        problem = _node_problem(node, functions)
        if problem:
            yield f"line {getattr(node, 'lineno', '?')}: {problem}"


def _shape_problems(tree: ast.Module, entry: str) -> Iterator[str]:
    for statement in tree.body:
        if not (isinstance(statement, (ast.FunctionDef, ast.Assign)) or _is_docstring(statement)):
            yield f"line {statement.lineno}: only functions and constants may stand at the top"
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry]
    if not found:
        yield f"the program does not define {entry}(s, a, n)"
    elif [argument.arg for argument in found[-1].args.args] != ["s", "a", "n"]:
        yield f"line {found[-1].lineno}: {entry} must have the parameters (s, a, n)"


def _node_problem(node: ast.AST, functions: set[str]) -> str | None:
    if not isinstance(node, _SYNTAX):
        return f"{type(node).__name__} is not allowed; programs are straight-line numpy over whole arrays"
    match node:
        case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) if name.startswith("_"):
            return f"the name {name!r} may not begin with an underscore"
        case ast.Name(id="s" | "a" | "n" | "np", ctx=ast.Store()):
            return f"{node.id} may not be assigned"
        case ast.FunctionDef(decorator_list=[_, *_]):
            return "decorators are not allowed"
        case ast.arguments() if node.vararg or node.kwarg or node.kwonlyargs or node.posonlyargs:
            return "only plain parameters are allowed"
        case ast.Attribute():
            return _attribute_problem(node)
        case ast.Call():
            return _call_problem(node, functions)
        case ast.Constant(value=value):
            return _constant_problem(value)
        case ast.BinOp(op=ast.Pow(), right=right):
            return _exponent_problem(right)
        case _:
            return None


def _attribute_problem(node: ast.Attribute) -> str | None:
    if node.attr.startswith("_"):
        return f"the attribute {node.attr!r} may not begin with an underscore"
    if not isinstance(node.ctx, ast.Load):
        return "attributes may not be assigned"
    match node.value:
        case ast.Name(id="np"):
            return None if node.attr in NUMPY_FUNCTIONS else f"np.{node.attr} is not allowed"
        case ast.Name(id="s" | "a" | "n"):
            return None
        case _:
            return None if node.attr in _ARRAY_METHODS else f"the attribute .{node.attr} is not allowed"


def _call_problem(node: ast.Call, functions: set[str]) -> str | None:
    match node.func:
        case ast.Name(id=name):
            allowed = name in _BUILTINS or name in functions
            return None if allowed else f"calling {name} is not allowed"
        case ast.Attribute():
            keywords = {keyword.arg for keyword in node.keywords}
            return None if None not in keywords and "out" not in keywords else "'**' and 'out=' are not allowed"
        case _:
            return "only named functions may be called"


def _constant_problem(value: object) -> str | None:
    if isinstance(value, (bool, str, type(None))):
        return None
    if isinstance(value, (int, float)):
        return None if abs(value) <= _MAX_CONSTANT else f"the constant {value:.3g} is too large"
    return f"a constant of type {type(value).__name__} is not allowed"


def _exponent_problem(right: ast.expr) -> str | None:
    if isinstance(right, ast.UnaryOp):
        right = right.operand
    if isinstance(right, ast.Constant) and isinstance(right.value, (int, float)) and abs(right.value) > _MAX_EXPONENT:
        return f"the exponent {right.value!r} is too large"
    return None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
