"""Reading a YAML file that a person wrote into a model of pydantic; every mistake is named with its line."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from skillwright.core.errors import ConfigError

__all__ = ["read_yaml"]

SettingsT = TypeVar("SettingsT", bound=BaseModel)


def read_yaml(path: Path, schema: type[SettingsT]) -> SettingsT:
    """Reads a file.

    Args:
        path: a YAML file that holds one mapping.
        schema: what it must be; unknown keys should be an error of it.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or is not as it should be; with file and line.
    """
    root = _compose(path)
    if repeated := next(_repeated_keys(root, set()), None):
        raise _mistake(path, repeated, f"the key {repeated.value!r} is given twice")
    loader = yaml.SafeLoader("")
    try:
        return schema.model_validate(loader.construct_document(root))
    except ValidationError as error:
        raise _first_mistake(path, root, error.errors(), _field_names(schema)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: a value cannot be read: {error}") from None
    finally:
        loader.dispose()


def _compose(path: Path) -> yaml.MappingNode:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ConfigError(f"{path}: the file cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the file is not UTF-8 text: byte {error.start} is no character") from None
    except RecursionError:
        raise ConfigError(f"{path}: it is nested too deeply") from None
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        reason = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
        raise ConfigError(f"{path}{f':{mark.line + 1}' if mark else ''}: this is not YAML: {reason}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{path}: it must be a mapping of keys to values")
    return root


def _repeated_keys(node: yaml.Node, visited: set[int]) -> Iterator[yaml.ScalarNode]:
    """Finds keys given twice, of which YAML would silently keep the last; an anchor is visited once."""
    if id(node) in visited:
        return
    visited.add(id(node))
    seen: set[str] = set()
    for key, value in _entries(node):
        if key.value in seen:
            yield key
        seen.add(key.value)
        yield from _repeated_keys(value, visited)


def _entries(node: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))


def _field_names(schema: type[BaseModel]) -> list[str]:
    """Collects the names of all fields of a model and of the models in it."""
    described = schema.model_json_schema()
    parts = [described, *described.get("$defs", {}).values()]
    return sorted({name for part in parts for name in part.get("properties", {})})


def _first_mistake(path: Path, root: yaml.MappingNode, errors: list[ErrorDetails], known: list[str]) -> ConfigError:
    """Chooses what to say: unknown keys first, as a misspelt key may be a missing one too; then by line."""
    nodes = [_node_at(root, error["loc"]) for error in errors]
    first = min(range(len(errors)), key=lambda k: (errors[k]["type"] != "extra_forbidden", nodes[k].start_mark.line))
    return _mistake(path, nodes[first], _describe(errors[first], known))


def _node_at(root: yaml.Node, location: tuple[int | str, ...]) -> yaml.Node:
    """Finds the key a location leads to, or the last on the way that exists."""
    node, found = root, root
    for part in location:
        step = next(((key, value) for key, value in _entries(node) if key.value == str(part)), None)
        if step is None:
            continue  # pydantic puts words such as [key] into the location
        found, node = step
    return found


def _mistake(path: Path, node: yaml.Node, problem: str) -> ConfigError:
    return ConfigError(f"{path}:{node.start_mark.line + 1}: {problem}")


def _describe(error: ErrorDetails, known: list[str]) -> str:
    location = [str(part) for part in error["loc"] if part != "[key]"]
    where = ".".join(location)
    outer = ".".join(location[:-1]) or "the file"
    match error["type"]:
        case "extra_forbidden":
            return f"{outer} has no key {location[-1]!r}{_guess(location[-1], known)}"
        case "missing":
            return f"{outer} needs the key {location[-1]!r}"
        case "value_error":
            text = error["msg"].removeprefix("Value error, ")
            return f"{where}: {text}" if where else text
        case "literal_error":
            expected = str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ").replace("'", "").split(", ")
            return f"{where}: {error['input']!r} is not known{_guess(str(error['input']), expected)}"
        case _:
            return f"{where}: {error['msg'][:1].lower()}{error['msg'][1:]}, not {str(error['input'])[:60]!r}"


def _guess(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"
