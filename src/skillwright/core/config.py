"""Configs: frozen dataclasses with defaults in code, values merged over them, unknown keys refused."""

import dataclasses
import difflib
import types
from collections.abc import Mapping
from typing import TypeVar, get_args, get_origin, get_type_hints

from skillwright.core.errors import ConfigError

__all__ = ["build_config"]

ConfigT = TypeVar("ConfigT")


def build_config(config: type[ConfigT], settings: Mapping[str, object], *, where: str) -> ConfigT:
    """Builds a config from its defaults and the settings that differ from them.

    Args:
        config: a dataclass whose fields all have defaults.
        settings: field name -> value; numbers are widened (int to float), lists become tuples.
        where: the settings' origin, named in errors.

    Returns:
        The config.

    Raises:
        ConfigError: a key is unknown, or a value has the wrong type.
    """
    assert dataclasses.is_dataclass(config)
    hints = get_type_hints(config)
    fields = {field.name for field in dataclasses.fields(config)}
    values: dict[str, object] = {}
    for key, value in settings.items():
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise ConfigError(f"{where}: unknown setting {key!r}{hint}")
        values[key] = _convert(value, hints[key], f"{where}: {key}")
    try:
        return config(**values)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error


def _convert(value: object, wanted: object, where: str) -> object:
    origin = get_origin(wanted)
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(_convert(item, get_args(wanted)[0], where) for item in value)
    if origin is types.UnionType:
        wanted = next(option for option in get_args(wanted) if option is not type(None))
        return None if value is None else _convert(value, wanted, where)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(wanted, type) and isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool)):
        return value
    name = wanted.__name__ if isinstance(wanted, type) else str(wanted)
    raise ConfigError(f"{where}: expected {name}, got {value!r}")
