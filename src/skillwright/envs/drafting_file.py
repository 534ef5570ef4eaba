"""Writes a drafted card as a file that a person goes on with: YAML, with comments on what is to be done."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from skillwright.core.content import content_roots
from skillwright.core.errors import ConfigError, storage_errors
from skillwright.envs.card import EnvCard
from skillwright.envs.envpool_backend import envpool_has
from skillwright.envs.loading import load_card

__all__ = ["TO_DO", "card_text", "place_of_draft", "write_draft"]

_WIDTH: Final = 118
_SUFFIX: Final = ".yaml"

TO_DO: Final = (
    "description: say in your own words what is seen, what can be done, and when an episode ends.",
    "fields: give each a name, a unit and a role; say where zero is, and which way is positive. Check them against the "
    "world: names and meanings come from its documentation, which can be wrong.",
    "ranges: they were met by random actions; a trained policy goes further.",
    "tasks: the only one asks for the world's own reward; write success and fitness for what you want.",
    "learner: these are PPO's usual settings; say which ones, and how many steps, are good here.",
)
"""What a draft leaves to a person, in the order of a card's keys."""


class _Dumper(yaml.SafeDumper):
    """Writes programs and paragraphs as blocks, and short lists in one line."""


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _write_list(dumper: yaml.SafeDumper, values: list[object]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=True)


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(list, _write_list)


def place_of_draft(card: EnvCard, *, replace: bool = False) -> Path:
    """Says where the card of a world belongs in the person's project.

    Args:
        card: the card.
        replace: whether a draft may stand before a card of the same id that we ship.

    Returns:
        ``envs/FAMILY/NAME.yaml``; nothing is there yet, or a card of this id.

    Raises:
        ConfigError: there is no project here, or there is a card of this id that is no draft.
    """
    project, *built_in = content_roots("envs")
    if not built_in:
        raise ConfigError("there is no project here to put the card into; run 'skillwright init', or name a file: --to")
    name = f"{card.id}{_SUFFIX}"
    shipped = built_in[0] / name
    if shipped.exists() and not replace:
        raise ConfigError(
            f"{card.id} has a card already, and a draft would stand before it; to change it, copy {shipped} to "
            f"{project / name}, or draft it anew with --force"
        )
    return project / name


def write_draft(card: EnvCard, path: Path, *, replace: bool = False) -> None:
    """Writes a card, and reads it back.

    Args:
        card: the card.
        path: the file.
        replace: whether an older file may be lost.

    Raises:
        ConfigError: the file exists.
        StorageError: it cannot be written.
    """
    if path.exists() and not replace:
        raise ConfigError(f"{path} exists; name another file with --to, or replace it with --force")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(card_text(card), encoding="utf-8")
    load_card(path)


def card_text(card: EnvCard) -> str:
    """Writes a card as YAML, with comments on what is to be done.

    Args:
        card: the card.
    """
    values = card.model_dump(mode="json", exclude_defaults=True)
    for name, field in card.fields.items():
        values["fields"][name]["range"] = list(field.range)
    values["description"] = _filled(card.description)
    always = {"algorithm": card.learner.algorithm, "total_timesteps": card.learner.total_timesteps}
    values["learner"] = always | values.get("learner", {})
    keys = [[key for key in group if key in values] for group in _GROUPS]
    parts = [_comment(f"A draft of `skillwright envs new {card.gymnasium_id}`; how to go on: docs/cards.md. To do:")]
    parts += [_comment(one, bullet="- ") for one in TO_DO]
    for group in filter(None, keys):
        parts += ["\n", _dump({key: values[key] for key in group})]
        if "gymnasium_id" in group:
            parts.append(_envpool_line(card))
    return "".join(parts)


_GROUPS: Final = (
    ("id", "gymnasium_id", "envpool_id", "horizon", "step_s"),
    ("description",),
    ("observation_size", "observation_keys", "fields"),
    ("actions",),
    ("tasks",),
    ("learner",),
)
"""Keys that stand together, in the order of the file."""


def _dump(values: Mapping[str, object]) -> str:
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


def _filled(text: str) -> str:
    paragraphs = (textwrap.fill(one, _WIDTH - 2, break_on_hyphens=False) for one in text.strip().split("\n\n"))
    return "\n\n".join(paragraphs) + "\n"


def _comment(text: str, bullet: str = "") -> str:
    lines = textwrap.wrap(
        text, _WIDTH, initial_indent=f"# {bullet}", subsequent_indent="# " + " " * len(bullet), break_on_hyphens=False
    )
    return "\n".join(lines) + "\n"


def _envpool_line(card: EnvCard) -> str:
    """Names EnvPool's world of the same name without using it: nobody has compared the two."""
    if card.envpool_id is not None or card.gymnasium_id is None or not envpool_has(card.gymnasium_id):
        return ""
    why = "several times as fast; uncomment it once you have seen that both are the same"
    return f"# envpool_id: {card.gymnasium_id}  # {why}\n"
