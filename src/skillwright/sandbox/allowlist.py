"""Holds a program to the allowed language, by allow-list of syntax, names and attributes; see ``language``."""

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from skillwright.core.errors import ProgramRejected
from skillwright.core.value_names import VALUE_NAMES
from skillwright.sandbox import language

__all__ = ["MAX_SOURCE_LENGTH", "check_program", "mentioned_names"]

MAX_SOURCE_LENGTH: Final = 20_000
"""Longest source accepted, in characters."""

_MAX_NODES: Final = 4_000
_MODULES: Final = {"np": language.NUMPY_FUNCTIONS, "math": language.MATH_FUNCTIONS}
_FORMAT: Final = re.compile(r"[-+ ,<>^]?0?\d{0,2}(\.\d{1,2})?[defg%]?")


def check_program(source: str, entry: str) -> ast.Module:
    """Checks that a program stays inside the allowed language.

    Args:
        source: the program's source text.
        entry: name of the function the program must define, with the parameters ``language.parameters(entry)``.

    Returns:
        The syntax tree, ready to compile.

    Raises:
        ProgramRejected: with the line, what is not allowed there, and what to write instead.
    """
    if len(source) > MAX_SOURCE_LENGTH:
        raise ProgramRejected(f"the program is longer than {MAX_SOURCE_LENGTH} characters; write a shorter one")
    try:
        tree = _parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise ProgramRejected(f"line {line or '?'}: {getattr(error, 'msg', None) or error}") from None
    places = list(_evaluated(tree))
    if len(places) > _MAX_NODES:
        raise ProgramRejected(f"the program has more than {_MAX_NODES} syntax nodes; write a shorter one")
    for problem in _problems(tree, places, entry):
        raise ProgramRejected(problem)
    return tree


def mentioned_names(source: str) -> frozenset[str]:
    """Gives every name that a program uses as an attribute; what it never names it need not be given.

    Args:
        source: the program's source text.
    """
    try:
        tree = _parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


class _Place(NamedTuple):
    line: int
    node: ast.AST


def _parse(source: str) -> ast.Module:
    """Parses without the warnings that Python has for odd texts: nobody who sees them could act on them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _evaluated(tree: ast.Module) -> Iterator[_Place]:
    """Walks all nodes but those of annotations: programs are compiled so that nobody evaluates these."""
    todo = [_Place(0, tree)]
    while todo:
        place = todo.pop()
        yield place
        for field, value in ast.iter_fields(place.node):
            if field not in ("annotation", "returns"):
                parts = value if isinstance(value, list) else [value]
                todo += [
                    _Place(getattr(part, "lineno", place.line), part) for part in parts if isinstance(part, ast.AST)
                ]


def _problems(tree: ast.Module, places: list[_Place], entry: str) -> Iterator[str]:
    rules = _Rules([place.node for place in places])
    found = [(line, rules.problem(node)) for line, node in places]
    found += [(statement.lineno, _top_problem(statement)) for statement in tree.body]
    for line, problem in sorted((line, problem) for line, problem in found if problem):
        yield f"line {line or '?'}: {problem}"
    yield from _entry_problems(tree, entry)


def _top_problem(statement: ast.stmt) -> str | None:
    if isinstance(statement, (ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)):
        return None
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return None
    if not isinstance(statement, language.SYNTAX):
        return None  # said elsewhere
    return "only imports, constants and functions may stand at the top; move this into a function or leave it out"


def _entry_problems(tree: ast.Module, entry: str) -> Iterator[str]:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == entry]
    wanted = ", ".join(language.parameters(entry))
    if not found:
        yield f"the program does not define {entry}({wanted}); write def {entry}({wanted}): at the top"
    elif not _takes(found[-1].args, entry):
        yield f"line {found[-1].lineno}: {entry} must have the parameters ({wanted}); write def {entry}({wanted}):"


def _takes(parameters: ast.arguments, entry: str) -> bool:
    wanted = list(language.parameters(entry))
    names = [one.arg for one in parameters.args]
    others = (*parameters.posonlyargs, *parameters.kwonlyargs, parameters.vararg, parameters.kwarg)
    if entry != language.ACTING_ENTRY:
        return names == wanted and not any(others)
    options = [one for one in parameters.defaults if isinstance(one, (ast.Constant, ast.UnaryOp))]
    return names[: len(wanted)] == wanted and len(names) == len(wanted) + len(options) and not any(others)


class _Rules:
    """What must hold of each kind of node, where being part of the language is not enough."""

    def __init__(self, nodes: list[ast.AST]) -> None:
        self._defined = {name for node in nodes for name in _defined_names(node)}
        self._bases = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        self._exempt = {id(part) for node in nodes for part in _special_places(node)}
        self._rules: dict[type[ast.AST], Callable[..., str | None]] = {
            ast.Name: self._name,
            ast.arg: lambda node: _definition(node.arg),
            ast.FunctionDef: _function,
            ast.keyword: lambda node: _dunder(node.arg or ""),
            ast.Attribute: self._attribute,
            ast.Constant: _constant,
            ast.FormattedValue: _formatted_value,
            ast.BinOp: _operation,
            ast.With: _with,
            ast.Raise: _raise,
            ast.Assert: lambda node: _message(node.msg),
            ast.Import: _import,
            ast.ImportFrom: _import,
        }

    def problem(self, node: ast.AST) -> str | None:
        """Says what is wrong with a node, if anything is."""
        if not isinstance(node, language.SYNTAX):
            kind = type(node).__name__
            instead = language.INSTEAD_OF_SYNTAX.get(kind, "write plain functions over numpy arrays")
            return f"{_WORDS.get(kind, kind.lower())} is not allowed; {instead}"
        rule = self._rules.get(type(node))
        return rule(node) if rule else None

    def _name(self, node: ast.Name) -> str | None:
        if not isinstance(node.ctx, ast.Load):
            return _definition(node.id)
        if node.id in _MODULES:
            return None if id(node) in self._bases else f"{node.id} may only be used as {node.id}.NAME; write that"
        if node.id in self._defined or node.id in language.BUILTINS or id(node) in self._exempt:
            return _dunder(node.id)
        instead = language.INSTEAD_OF_NAMES.get(node.id, "define it, or use np or a field of s, a or n")
        return _dunder(node.id) or f"the name {node.id} is not defined here; {instead}"

    def _attribute(self, node: ast.Attribute) -> str | None:
        name = node.attr
        if name.startswith("_"):
            return f"the attribute {name} is not allowed; names with a leading underscore are out of reach, use another"
        if not isinstance(node.ctx, ast.Load):
            return f"the attribute {name} may not be assigned; put the value into a local variable or a dict"
        match node.value:
            case ast.Name(id=("np" | "math") as module):
                return self._module_attribute(node, module)
            case ast.Attribute(value=ast.Name(id="np"), attr="linalg"):
                allowed = name in language.LINALG_FUNCTIONS
                return None if allowed else f"np.linalg.{name} is not allowed; {language.INSTEAD_OF_NUMPY['linalg']}"
            case _ if name in language.ATTRIBUTES or name not in VALUE_NAMES:
                return None
        if name in ("format", "join"):
            return f'the attribute {name} is not allowed; write an f-string, as in f"joint_{{i}}"'
        return f"the attribute {name} is not allowed; use a function of np instead"

    def _module_attribute(self, node: ast.Attribute, module: str) -> str | None:
        is_base = id(node) in self._bases and node.attr == "linalg"
        if node.attr in _MODULES[module] or id(node) in self._exempt or (module == "np" and is_base):
            return None
        instead = language.INSTEAD_OF_NUMPY.get(node.attr) if module == "np" else f"use np.{node.attr} if there is one"
        return f"{module}.{node.attr} is not allowed; {instead or 'write it with plain functions of arrays'}"


_WORDS: Final = {
    "AsyncFunctionDef": "async def",
    "Bytes": "a constant of type bytes",
    "ClassDef": "class",
    "Del": "del",
    "Delete": "del",
    "LShift": "the operator <<",
    "NamedExpr": "the operator :=",
    "RShift": "the operator >>",
    "Set": "a set",
    "SetComp": "a set",
    "YieldFrom": "yield from",
}


def _defined_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name):
            yield name


def _special_places(node: ast.AST) -> Iterator[ast.AST]:
    """Finds the errors that are raised, the types in ``isinstance`` and ``np.errstate`` after ``with``."""
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name) as raised)) if name in language.EXCEPTIONS:
            yield raised
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, kinds]):
            parts = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
            yield from (kind for kind in parts if isinstance(kind, ast.Attribute) and kind.attr in language.NUMPY_KINDS)
        case ast.With(items=[ast.withitem(context_expr=ast.Call(func=ast.Attribute(attr="errstate") as errstate))]):
            yield errstate


def _dunder(name: str) -> str | None:
    return f"the name {name} is not allowed; choose one without leading underscores" if name[:2] == "__" else None


def _definition(name: str) -> str | None:
    if name in _MODULES:
        return f"{name} may not be given another meaning; choose another name"
    return _dunder(name)


def _function(node: ast.FunctionDef) -> str | None:
    if node.decorator_list:
        return "decorators are not allowed; write the function without one"
    return _definition(node.name)


def _constant(node: ast.Constant) -> str | None:
    if node.value is None or node.value is ... or isinstance(node.value, (bool, int, float, str)):
        return None
    return f"a constant of type {type(node.value).__name__} is not allowed; use numbers and plain text"


def _formatted_value(node: ast.FormattedValue) -> str | None:
    match node.format_spec:
        case None:
            return None
        case ast.JoinedStr(values=[ast.Constant(value=str(written))]) if _FORMAT.fullmatch(written):
            return None
    return "this format is not allowed; use none, or a short one such as :.2f"


def _operation(node: ast.BinOp) -> str | None:
    is_text = isinstance(node.left, ast.JoinedStr) or (
        isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
    )
    return "% on a text is not allowed; write an f-string" if is_text and isinstance(node.op, ast.Mod) else None


def _with(node: ast.With) -> str | None:
    match node.items:
        case [ast.withitem(context_expr=ast.Call(func=ast.Attribute() as called, args=[]) as call, optional_vars=None)]:
            is_errstate = isinstance(called.value, ast.Name) and (called.value.id, called.attr) == ("np", "errstate")
            if is_errstate and all(isinstance(one.value, ast.Constant) for one in call.keywords):
                return None
    return "with is only allowed as with np.errstate(divide='ignore'):; leave it out"


def _raise(node: ast.Raise) -> str | None:
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[message], keywords=[]), cause=None):
            if name in language.EXCEPTIONS:
                return _message(message)
    return 'raise is only allowed with a plain error and a text; write raise ValueError("why")'


def _message(message: ast.expr | None) -> str | None:
    is_text = isinstance(message, ast.JoinedStr) or (
        isinstance(message, ast.Constant) and isinstance(message.value, str)
    )
    return None if message is None or is_text else "an error may only carry a text; write it as one"


def _import(node: ast.Import | ast.ImportFrom) -> str | None:
    line = ast.unparse(node)
    if line in language.IMPORTS:
        return None
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in language.TYPING_MODULES:
        return None
    return f"{line} is not allowed; np and math are there already, and nothing else may be imported"
