"""Cards of one family share a file: what a card leaves out comes from the file it extends."""

from collections.abc import Mapping

from pydantic import RootModel, model_validator

from skillwright.core.content import find_content
from skillwright.core.errors import ConfigError, NotFound
from skillwright.core.yaml_file import YamlMistake, read_yaml
from skillwright.envs.card import EnvCard

__all__ = ["CardFile"]

_KEY = "extends"


class _Base(RootModel[dict[str, object]]):
    """What several cards have in common; no card by itself."""


class CardFile(EnvCard):
    """A card as its file gives it: ``extends: FAMILY/_NAME.yaml``, a path below ``envs/``, and what differs from it."""

    @model_validator(mode="before")
    @classmethod
    def _extend(cls, values: object) -> object:
        if not isinstance(values, Mapping) or _KEY not in values:
            return values
        own = {key: value for key, value in values.items() if key != _KEY}
        return _merge(_read_base(values[_KEY]), own)


def _read_base(name: object) -> dict[str, object]:
    if not isinstance(name, str):
        raise ValueError(f"extends: this must be the path of a file below envs/, not {name!r}")
    try:
        base = read_yaml(find_content("envs", name), _Base).root
    except YamlMistake:
        raise
    except (NotFound, ConfigError) as error:
        raise ValueError(f"extends: {error}") from None
    if _KEY in base:
        raise ValueError(f"extends: {name} extends another file itself; only one step is followed")
    return base


def _merge(base: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    """Lays a card's own values over those of its family: mappings key by key, in the family's order."""
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
