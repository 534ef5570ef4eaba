"""Reading an env card from its file; every mistake is named with its line."""

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from skillwright.core.errors import CardError
from skillwright.envs.card import ActionComponent, ActionSpec, EnvCard, FieldSpec, LearnerPreset, TaskSpec

__all__ = ["load_card"]

_MODELS: Final[Mapping[tuple[str, ...], type[BaseModel]]] = {
    (): EnvCard,
    ("fields", "*"): FieldSpec,
    ("actions",): ActionSpec,
    ("actions", "components", "*"): ActionComponent,
    ("tasks", "*"): TaskSpec,
    ("learner",): LearnerPreset,
}
"""The model behind each mapping of a card that has fixed keys; ``*`` is any name."""

_NAMES_A_FIELD: Final = re.compile(r"fields\.(\w+): ")


class _CardLoader(yaml.SafeLoader):
    """Reads ``1e-3`` as a number; YAML 1.1 would take it for text."""


_CardLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def load_card(path: Path) -> EnvCard:
    """Reads an env card.

    Args:
        path: a YAML file.

    Returns:
        The card. Its programs are not looked at; the sandbox checks them.

    Raises:
        CardError: the file cannot be read, is not YAML, or is not a card; with the line of the first mistake.
    """
    root = _compose(path, _read(path))
    _refuse_duplicates(path, root, set())
    try:
        return EnvCard.model_validate(_construct(path, root))
    except ValidationError as error:
        raise _first_mistake(path, root, error.errors()) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CardError(path, None, f"the file cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise CardError(path, None, f"the file is not UTF-8 text: byte {error.start} is no character") from None


def _compose(path: Path, text: str) -> yaml.MappingNode:
    """Reads the text into nodes, which know their lines."""
    try:
        root = yaml.compose(text, Loader=_CardLoader)
    except yaml.YAMLError as error:
        raise _not_yaml(path, error) from None
    except RecursionError:
        raise CardError(path, None, "this is not a card: it is nested too deeply") from None
    if isinstance(root, yaml.MappingNode):
        return root
    line = None if root is None else _line(root)
    raise CardError(path, line, "a card is a mapping of keys to values, beginning with 'id:'")


def _construct(path: Path, root: yaml.MappingNode) -> object:
    """Turns nodes into plain values."""
    loader = _CardLoader("")
    try:
        return loader.construct_document(root)
    except yaml.YAMLError as error:
        raise _not_yaml(path, error) from None
    except ValueError as error:
        raise CardError(path, None, f"a value cannot be read: {error}") from None
    finally:
        loader.dispose()


def _not_yaml(path: Path, error: yaml.YAMLError) -> CardError:
    if not isinstance(error, yaml.MarkedYAMLError):
        return CardError(path, None, f"this is not YAML: {error}")
    mark = error.problem_mark or error.context_mark
    reasons = ", ".join(reason for reason in (error.context, error.problem) if reason)
    return CardError(path, mark.line + 1 if mark else None, f"this is not YAML: {reasons}")


def _refuse_duplicates(path: Path, node: yaml.Node, visited: set[int]) -> None:
    """Refuses a key given twice, of which YAML would silently keep the last; an anchor is visited once."""
    if id(node) in visited:
        return
    visited.add(id(node))
    first_line: dict[str, int] = {}
    for entry in _entries(node):
        if entry.key in first_line:
            where = f"the first is in line {first_line[entry.key]}"
            raise CardError(path, entry.line, f"the key {entry.key!r} is given twice; {where}")
        first_line[entry.key] = entry.line
        _refuse_duplicates(path, entry.value, visited)


class _Entry(NamedTuple):
    key: str
    """The key in a mapping, or the position in a sequence."""
    line: int
    """Where the entry begins, counted from 1."""
    value: yaml.Node


def _entries(node: yaml.Node) -> Iterator[_Entry]:
    if isinstance(node, yaml.MappingNode):
        yield from (
            _Entry(key.value, _line(key), value) for key, value in node.value if isinstance(key, yaml.ScalarNode)
        )
    elif isinstance(node, yaml.SequenceNode):
        yield from (_Entry(str(position), _line(value), value) for position, value in enumerate(node.value))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _first_mistake(path: Path, root: yaml.MappingNode, errors: list[ErrorDetails]) -> CardError:
    """Chooses what to say: unknown keys first, as a misspelt key is also a missing one; then by line."""
    lines = [_line_of(root, _location(error)) for error in errors]
    first = min(range(len(errors)), key=lambda k: (errors[k]["type"] != "extra_forbidden", lines[k]))
    return CardError(path, lines[first], _describe(errors[first]))


def _location(error: ErrorDetails) -> tuple[str, ...]:
    """Returns the keys that lead to a mistake; a mistake across fields names its field in its text."""
    named = _NAMES_A_FIELD.search(error["msg"])
    if not error["loc"] and named:
        return ("fields", named[1])
    return tuple(str(part) for part in error["loc"])


def _line_of(root: yaml.MappingNode, location: tuple[str, ...]) -> int:
    """Finds the line of the key a location leads to, or of the last key on the way that exists."""
    node: yaml.Node = root
    line = _line(root)
    for part in location:
        entry = next((entry for entry in _entries(node) if entry.key == part), None)
        if entry is None:
            break
        node, line = entry.value, entry.line
    return line


def _describe(error: ErrorDetails) -> str:
    location = _location(error)
    *outer, last = location or ("the card",)
    where = ".".join(outer) or "the card"
    match error["type"]:
        case "extra_forbidden":
            return f"{where} has no key {last!r}{_suggestion(tuple(outer), last)}"
        case "missing":
            return f"{where} needs the key {last!r}"
        case "value_error":
            text = error["msg"].removeprefix("Value error, ")
            return text if not error["loc"] else f"{'.'.join(location)}: {text}"
        case _:
            text = error["msg"][:1].lower() + error["msg"][1:]
            return f"{'.'.join(location)}: {text}, not {_shorten(error['input'])}"


def _suggestion(location: tuple[str, ...], name: str) -> str:
    known = [key for pattern, model in _MODELS.items() if _fits(location, pattern) for key in model.model_fields]
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; its keys are {', '.join(known)}"


def _fits(location: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(location) == len(pattern) and all(
        wanted in ("*", part) for part, wanted in zip(location, pattern, strict=True)
    )


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
