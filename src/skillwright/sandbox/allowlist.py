"""Holds a program to the allowed language: pure, loop-free Python over numpy, by allow-list of syntax."""

import ast
from collections.abc import Iterator
from typing import Final

import numpy as np

from skillwright.core.errors import ProgramRejected
from skillwright.sandbox.language import ARRAY_METHODS, BUILTINS, NUMPY_FUNCTIONS, RESERVED_FIELDS, SYNTAX

__all__ = ["MAX_SOURCE_LENGTH", "check_program", "mentioned_names"]

MAX_SOURCE_LENGTH: Final = 20_000
"""Longest source accepted, in characters."""

_MAX_NODES: Final = 4_000
_MAX_CONSTANT: Final = 10**9
_MAX_EXPONENT: Final = 16
_VIEWS: Final = ("s", "a", "n")
_FORBIDDEN_KEYWORDS: Final = frozenset({"out", "shape", "like"})
"""Arguments of numpy functions that write into arrays, or allocate them of any size."""


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


def mentioned_names(source: str) -> frozenset[str]:
    """Gives every name that a program uses as an attribute; what it never names it need not be given.

    Args:
        source: the program's source text.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def _problems(tree: ast.Module, nodes: list[ast.AST], entry: str) -> Iterator[str]:
    yield from _module_problems(tree, entry)
    context = _Context(tree, nodes)
    for node in nodes:
        problem = context.problem(node)
        if problem:
            yield f"line {getattr(node, 'lineno', '?')}: {problem}"


def _module_problems(tree: ast.Module, entry: str) -> Iterator[str]:
    """Looks at the statements at the top: constants, functions, and the entry with its parameters."""
    for statement in tree.body:
        is_constant = isinstance(statement, ast.Assign) and _is_number(statement.value)
        if not (isinstance(statement, ast.FunctionDef) or is_constant or _is_docstring(statement)):
            yield f"line {statement.lineno}: only functions and numeric constants may stand at the top"
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry]
    if not found:
        yield f"the program does not define {entry}(s, a, n)"
    elif [argument.arg for argument in found[-1].args.args] != list(_VIEWS):
        yield f"line {found[-1].lineno}: {entry} must have the parameters (s, a, n)"


class _Context:
    """What must be known of a whole program to judge one of its nodes."""

    def __init__(self, tree: ast.Module, nodes: list[ast.AST]) -> None:
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        self._line_of = {function.name: function.lineno for function in functions}
        self._attribute_bases = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        self._texts = set(_allowed_texts(nodes))
        self._sequences = set(_allowed_sequences(nodes))

    def problem(self, node: ast.AST) -> str | None:
        """Says what is wrong with a node, if anything is."""
        if not isinstance(node, SYNTAX):
            return f"{type(node).__name__} is not allowed; programs are straight-line numpy over whole arrays"
        match node:
            case ast.Name() | ast.arg() | ast.FunctionDef():
                return self._name_problem(node)
            case ast.arguments() if node.vararg or node.kwarg or node.kwonlyargs or node.posonlyargs or node.defaults:
                return "only plain parameters without defaults are allowed"
            case ast.Attribute():
                return _attribute_problem(node)
            case ast.Call():
                return self._call_problem(node)
            case ast.Constant() | ast.List() | ast.Tuple():
                return self._value_problem(node)
            case ast.Subscript(ctx=ast.Store()):
                return "items may not be assigned; make a new array with np.where"
            case ast.BinOp(op=ast.Pow(), right=right):
                return _exponent_problem(right)
            case _:
                return None

    def _name_problem(self, node: ast.Name | ast.arg | ast.FunctionDef) -> str | None:
        name = {ast.Name: "id", ast.arg: "arg", ast.FunctionDef: "name"}[type(node)]
        text = str(getattr(node, name))
        if text.startswith("_"):
            return f"the name {text!r} may not begin with an underscore"
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            return "decorators are not allowed"
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            is_bare_numpy = text == "np" and id(node) not in self._attribute_bases
            return "np may only be used as np.NAME" if is_bare_numpy else None
        is_view = text in _VIEWS and not isinstance(node, ast.arg)
        if text == "np" or text in BUILTINS or is_view:
            return f"{text} may not be given another meaning"
        return None

    def _call_problem(self, node: ast.Call) -> str | None:
        match node.func:
            case ast.Name(id=name) if name in self._line_of:
                if self._line_of[name] >= self._function_around(node):
                    return f"{name} may only be called by functions that stand below it"
            case ast.Name(id=name) if name not in BUILTINS:
                return f"calling {name} is not allowed"
            case ast.Name() | ast.Attribute():
                pass
            case _:
                return "only named functions may be called"
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in _FORBIDDEN_KEYWORDS:
                return f"the argument {'**' if keyword.arg is None else keyword.arg + '='} is not allowed"
        return None

    def _function_around(self, node: ast.Call) -> int:
        """Gives the line on which the function begins that a call stands in."""
        return max((line for line in self._line_of.values() if line <= node.lineno), default=0)

    def _value_problem(self, node: ast.Constant | ast.List | ast.Tuple) -> str | None:
        if not isinstance(node, ast.Constant):
            allowed = isinstance(node.ctx, ast.Store) or id(node) in self._sequences
            return None if allowed else "a list or tuple may only stand as an argument, an index or a result"
        if isinstance(node.value, str):
            return None if id(node) in self._texts else "text may only name a term or explain the program"
        if isinstance(node.value, (bool, int, float, type(None))):
            is_huge = isinstance(node.value, (int, float)) and abs(node.value) > _MAX_CONSTANT
            return f"the constant {str(node.value)[:20]} is too large" if is_huge else None
        return f"a constant of type {type(node.value).__name__} is not allowed"


def _attribute_problem(node: ast.Attribute) -> str | None:
    if node.attr.startswith("_"):
        return f"the attribute {node.attr!r} may not begin with an underscore"
    if not isinstance(node.ctx, ast.Load):
        return "attributes may not be assigned"
    match node.value:
        case ast.Name(id="np"):
            return None if node.attr in NUMPY_FUNCTIONS else f"np.{node.attr} is not allowed"
        case ast.Name(id=view) if view in _VIEWS and node.attr not in ARRAY_METHODS:
            # A parameter of a helper may be called s too, and hold an array or anything else.
            is_foreign = node.attr in RESERVED_FIELDS or hasattr(np.ndarray, node.attr)
            return f"{view}.{node.attr} is not allowed" if is_foreign else None
        case _:
            return None if node.attr in ARRAY_METHODS else f"the attribute .{node.attr} is not allowed"


def _exponent_problem(right: ast.expr) -> str | None:
    if isinstance(right, ast.UnaryOp):
        right = right.operand
    if not isinstance(right, ast.Constant) or not isinstance(right.value, (int, float)):
        return "an exponent must be a number; use np.power for arrays"
    return f"the exponent {str(right.value)[:20]} is too large" if abs(right.value) > _MAX_EXPONENT else None


def _allowed_texts(nodes: list[ast.AST]) -> Iterator[int]:
    """Finds the texts that are docstrings or keys of a dict or of an index into one."""
    for node in nodes:
        match node:
            case ast.Module(body=[first, *_]) | ast.FunctionDef(body=[first, *_]) if _is_docstring(first):
                yield id(first.value)  # type: ignore[attr-defined] # a docstring is an expression
            case ast.Dict(keys=keys):
                yield from map(id, keys)
            case ast.Subscript(slice=ast.Constant() as key):
                yield id(key)


def _allowed_sequences(nodes: list[ast.AST]) -> Iterator[int]:
    """Finds the lists and tuples that cannot be multiplied: arguments, indices, results, and parts of them."""
    for node in nodes:
        match node:
            case ast.Call(args=arguments, keywords=keywords):
                yield from map(id, arguments)
                yield from (id(keyword.value) for keyword in keywords)
            case ast.Subscript(slice=index):
                yield id(index)
            case ast.Return(value=value):
                yield id(value)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                yield from map(id, parts)
            case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple() as value):
                yield id(value)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_number(value: ast.expr) -> bool:
    if isinstance(value, ast.UnaryOp):
        return _is_number(value.operand)
    if isinstance(value, ast.BinOp):
        return _is_number(value.left) and _is_number(value.right)
    return isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
