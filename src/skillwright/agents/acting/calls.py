"""Which skills a program calls, read from its text."""

import ast
from collections.abc import Iterable

from skillwright.core import NotFound, ProgramRejected
from skillwright.sandbox import check_program
from skillwright.skills import Skill
from skillwright.skills.library import Library

__all__ = ["called_names", "pin_calls"]


def called_names(source: str) -> list[str]:
    """Reads the names of the skills that a program calls, each once, in the order of the text.

    Args:
        source: defines ``skill(s, run)``.

    Raises:
        ProgramRejected: it is outside the allowed language, or calls a skill by anything but its written name.
    """
    tree = check_program(source, "skill")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    runs = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "run"]
    names = [_name(node) for node in sorted(runs, key=lambda node: (node.lineno, node.col_offset))]
    if not names:
        raise ProgramRejected('the program runs no skill; call run("NAME") with the name of one')
    heads = {id(node.func) for node in runs}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "run" and id(node) not in heads:
            raise ProgramRejected(f'line {node.lineno}: run may only be called, as in run("NAME"); do not pass it on')
    return list(dict.fromkeys(names))


def pin_calls(names: Iterable[str], library: Library) -> dict[str, Skill]:
    """Finds the version that each name means now.

    Args:
        names: as a program writes them.
        library: has the skills.

    Raises:
        ProgramRejected: there is no such skill; says which there are.
    """
    pinned = {}
    for name in names:
        try:
            pinned[name] = library.get(name)
        except NotFound as error:
            raise ProgramRejected(str(error)) from error
    return pinned


def _name(call: ast.Call) -> str:
    match call.args:
        case [ast.Constant(value=str(name))]:
            return name
    raise ProgramRejected(
        f'line {call.lineno}: run takes the written name of a skill and options by name: run("NAME", height_m=0.5)'
    )
