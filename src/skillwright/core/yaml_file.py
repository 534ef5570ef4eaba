"""Reading a YAML file that a person wrote into a model of pydantic; every mistake is named with its line."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from skillwright.core.errors import ConfigError

__all__ = ["YamlMistake", "read_yaml"]

FileT = TypeVar("FileT", bound=BaseModel)

_SHOWN: Final = 60
_PLACE: Final = re.compile(r"(?:Value error, )?(\w+(?:\.\w+)*): ")
"""The keys that a validator of a whole file may begin its complaint with."""


class YamlMistake(ConfigError):
    """Says where in a file the mistake is."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        self.path = path
        self.line = line
        """Counted from 1; none: the mistake is in no line."""
        self.problem = problem
        super().__init__(f"{path}:{line}: {problem}" if line is not None else f"{path}: {problem}")


class _Loader(yaml.SafeLoader):
    """Reads ``1e-3`` as a number; YAML 1.1 would take it for text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


class _Entry(NamedTuple):
    key: str
    """The key in a mapping, or the position in a sequence."""
    line: int
    value: yaml.Node


def read_yaml(path: Path, schema: type[FileT], *, what: str = "the file") -> FileT:
    """Reads a file.

    Args:
        path: a YAML file that holds one mapping.
        schema: what it must be; unknown keys should be an error of it.
        what: what to call it in a complaint.

    Raises:
        YamlMistake: the file cannot be read, is not YAML, or is not as it should be.
    """
    root = _compose(path, _read(path), what)
    _refuse_repeated_keys(path, root, set())
    try:
        return schema.model_validate(_construct(path, root))
    except ValidationError as error:
        raise _first_mistake(path, root, _Complaints(what, schema), error.errors()) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise YamlMistake(path, None, f"the file cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise YamlMistake(path, None, f"the file is not UTF-8 text: byte {error.start} is no character") from None


def _compose(path: Path, text: str, what: str) -> yaml.MappingNode:
    """Reads the text into nodes, which know their lines."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _not_yaml(path, error) from None
    except RecursionError:
        raise YamlMistake(path, None, f"{what} is nested too deeply") from None
    if isinstance(root, yaml.MappingNode):
        return root
    raise YamlMistake(path, None if root is None else _line(root), f"{what} must be a mapping of keys to values")


def _construct(path: Path, root: yaml.MappingNode) -> object:
    """Turns nodes into plain values."""
    loader = _Loader("")
    try:
        return loader.construct_document(root)
    except yaml.YAMLError as error:
        raise _not_yaml(path, error) from None
    except ValueError as error:
        raise YamlMistake(path, None, f"a value cannot be read: {error}") from None
    finally:
        loader.dispose()


def _not_yaml(path: Path, error: yaml.YAMLError) -> YamlMistake:
    if not isinstance(error, yaml.MarkedYAMLError):
        return YamlMistake(path, None, f"this is not YAML: {error}")
    mark = error.problem_mark or error.context_mark
    reasons = ", ".join(reason for reason in (error.context, error.problem) if reason)
    return YamlMistake(path, mark.line + 1 if mark else None, f"this is not YAML: {reasons}")


def _refuse_repeated_keys(path: Path, node: yaml.Node, visited: set[int]) -> None:
    """Refuses a key given twice, of which YAML would silently keep the last; an anchor is visited once."""
    if id(node) in visited:
        return
    visited.add(id(node))
    first_line: dict[str, int] = {}
    for entry in _entries(node):
        if entry.key in first_line:
            where = f"the first is in line {first_line[entry.key]}"
            raise YamlMistake(path, entry.line, f"the key {entry.key!r} is given twice; {where}")
        first_line[entry.key] = entry.line
        _refuse_repeated_keys(path, entry.value, visited)


def _entries(node: yaml.Node) -> Iterator[_Entry]:
    if isinstance(node, yaml.MappingNode):
        yield from (
            _Entry(key.value, _line(key), value) for key, value in node.value if isinstance(key, yaml.ScalarNode)
        )
    elif isinstance(node, yaml.SequenceNode):
        yield from (_Entry(str(position), _line(value), value) for position, value in enumerate(node.value))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _first_mistake(
    path: Path, root: yaml.MappingNode, complaints: "_Complaints", errors: Sequence[ErrorDetails]
) -> YamlMistake:
    """Chooses what to say: unknown keys first, as a misspelt key is also a missing one; then by line."""
    lines = [_line_of(root, _location(error)) for error in errors]
    first = min(range(len(errors)), key=lambda k: (errors[k]["type"] != "extra_forbidden", lines[k]))
    return YamlMistake(path, lines[first], complaints.describe(errors[first]))


def _location(error: ErrorDetails) -> tuple[str, ...]:
    """Returns the keys that lead to a mistake; a mistake across several names its place in its text."""
    named = _PLACE.match(error["msg"])
    if not error["loc"] and named:
        return tuple(named[1].split("."))
    return tuple(str(part) for part in error["loc"] if part != "[key]")


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


class _Complaints:
    """Puts mistakes into words."""

    def __init__(self, what: str, schema: type[BaseModel]) -> None:
        self._what = what
        self._schema = schema

    def describe(self, error: ErrorDetails) -> str:
        location = _location(error)
        *outer, last = location or (self._what,)
        where = ".".join(location)
        holder = ".".join(outer) or self._what
        match error["type"]:
            case "extra_forbidden":
                return f"{holder} has no key {last!r}{_guess(last, _keys_at(self._schema, outer), 'its keys are')}"
            case "missing":
                return f"{holder} needs the key {last!r}"
            case "value_error":
                text = error["msg"].removeprefix("Value error, ")
                return f"{where}: {text}" if error["loc"] else text
            case "literal_error":
                expected = re.findall(r"'(.*?)'", str(error.get("ctx", {}).get("expected", "")))
                wrong = _shorten(error["input"])
                return f"{where}: {wrong} is not known{_guess(str(error['input']), expected, 'there are')}"
            case _:
                text = error["msg"][:1].lower() + error["msg"][1:]
                return f"{where}: {text}, not {_shorten(error['input'])}"


def _guess(name: str, known: Sequence[str], there_are: str) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; {there_are} {', '.join(known)}"


def _keys_at(schema: type[BaseModel], location: Sequence[str]) -> list[str]:
    """Lists the keys that a mapping at some place of a file may have."""
    whole: Mapping[str, object] = schema.model_json_schema()
    nodes = list(_branches(whole, whole))
    for part in location:
        nodes = [branch for node in nodes for inner in _inner(node, part) for branch in _branches(inner, whole)]
    properties = [node.get("properties") for node in nodes]
    return list(dict.fromkeys(name for found in properties if isinstance(found, Mapping) for name in found))


def _branches(node: object, whole: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Lists what a part of a JSON schema stands for: what it refers to, and each of its alternatives."""
    if not isinstance(node, Mapping):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        definitions = whole.get("$defs")
        assert isinstance(definitions, Mapping)
        yield from _branches(definitions[reference.rpartition("/")[2]], whole)
        return
    yield node
    for kind in ("anyOf", "oneOf", "allOf"):
        for branch in node.get(kind, ()):
            yield from _branches(branch, whole)


def _inner(node: Mapping[str, object], part: str) -> Iterator[object]:
    properties = node.get("properties")
    if isinstance(properties, Mapping) and part in properties:
        yield properties[part]
    else:
        yield from (node[kind] for kind in ("additionalProperties", "items") if kind in node)
        patterns = node.get("patternProperties")
        yield from patterns.values() if isinstance(patterns, Mapping) else ()


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
