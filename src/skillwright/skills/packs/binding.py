"""Which skills the text of a program runs, and the same text for the names that those have elsewhere."""

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from skillwright.core.errors import ProgramRejected
from skillwright.sandbox import check_program

__all__ = ["Bound", "Call", "as_played", "bind", "read_calls", "resolve"]

_RUN: Final = "run"
_LINE_ENDS: Final = re.compile(rb"(?<=\n)|(?<=\r)(?!\n)")


class Call(NamedTuple):
    """One place at which a program runs a skill."""

    called: str
    """``name`` or ``name@version``, as it is written there."""
    begin: int
    """Where the written text begins, quotes included, in bytes of UTF-8."""
    end: int


class Bound(NamedTuple):
    """A program and the skills it runs."""

    source: str
    dependencies: tuple[str, ...]
    """``name@version`` of each, once."""


def read_calls(source: str) -> list[Call]:
    """Finds the places at which a program runs skills, in the order of the text.

    Args:
        source: defines ``skill(s, run)``.

    Raises:
        ProgramRejected: it is outside the allowed language, runs no skill, or does not say in its text which.
    """
    tree = check_program(source, "skill")
    runs = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_run(node.func)]
    heads = {id(node.func) for node in runs}
    for node in ast.walk(tree):
        if _is_run(node) and id(node) not in heads:
            line = getattr(node, "lineno", "?")
            raise ProgramRejected(f'line {line}: run may only be called, as in run("NAME"); do not pass it on')
    begins = _line_begins(source)
    calls = [_call(node, source.encode(), begins) for node in runs]
    if not calls:
        raise ProgramRejected('the program runs no skill; call run("NAME") with the name of one')
    return sorted(calls, key=lambda call: call.begin)


def resolve(called: str, dependencies: Sequence[str]) -> str | None:
    """Tells which of its dependencies a program means.

    Args:
        called: as it is written in its text.
        dependencies: ``name@version`` of each.

    Returns:
        The one; none if no dependency or more than one is meant.
    """
    meant = [one for one in dependencies if called in (one, one.partition("@")[0])]
    return meant[0] if len(meant) == 1 else None


def as_played(called: str, dependencies: Sequence[str]) -> str:
    """Tells which skill a program of this library runs when it is played.

    Args:
        called: as it is written in its text.
        dependencies: ``name@version`` of each, possibly by a name from before a renaming.

    Returns:
        A reference for the library.
    """
    return {one.partition("@")[0]: one for one in dependencies}.get(called, called)


def bind(source: str, targets: Mapping[str, str], *, is_exact: bool = False) -> Bound:
    """Lets a program run certain versions; its text is changed only where it would mean something else.

    Args:
        source: the program.
        targets: what is written in it -> ``name@version`` of what it shall run.
        is_exact: write every version into the text.

    Raises:
        ProgramRejected: the program is outside the allowed language, or becomes too long.
    """
    calls = read_calls(source)
    dependencies = tuple(dict.fromkeys(targets[call.called] for call in calls))
    data = source.encode()
    for call in reversed(calls):
        target = targets[call.called]
        if is_exact or resolve(call.called, dependencies) != target:
            written = target if is_exact else _shortest(target, dependencies)
            data = b'%b"%b"%b' % (data[: call.begin], written.encode(), data[call.end :])
    changed = data.decode()
    check_program(changed, "skill")
    return Bound(changed, dependencies)


def _shortest(target: str, dependencies: Sequence[str]) -> str:
    name = target.partition("@")[0]
    return name if resolve(name, dependencies) == target else target


def _is_run(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == _RUN


def _call(node: ast.Call, data: bytes, begins: Sequence[int]) -> Call:
    match node.args:
        case [ast.Constant(value=str(name)) as text] if text.end_lineno and text.end_col_offset is not None:
            begin = begins[text.lineno - 1] + text.col_offset
            end = begins[text.end_lineno - 1] + text.end_col_offset
            if not _says(data[begin:end], name):
                raise ProgramRejected(
                    f"line {node.lineno}: run stands within an f-string; call it on a line of its own"
                )
            return Call(name, begin, end)
    raise ProgramRejected(
        f'line {node.lineno}: run takes the written name of a skill and options by name: run("NAME", height_m=0.5)'
    )


def _says(written: bytes, name: str) -> bool:
    """Tells whether a text stands where the parser says; before Python 3.12 it does not know within f-strings."""
    try:
        return bool(ast.literal_eval(written.decode()) == name)
    except (ValueError, SyntaxError):
        return False


def _line_begins(source: str) -> list[int]:
    """Gives the byte at which each line begins, by the line ends that Python's parser counts."""
    begins = [0]
    for line in _LINE_ENDS.split(source.encode()):
        begins.append(begins[-1] + len(line))
    return begins
