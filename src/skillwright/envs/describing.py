"""The card as the text a language model is given: the world and its names, never what judges."""

import math
from typing import Final

from skillwright.envs.card import ActionSpec, EnvCard, FieldSpec

__all__ = ["describe_card"]

_STATES: Final = """\
Programs read these fields as `s.NAME`, the state before an action, and as `n.NAME`, the state after it. Both are
float32 numpy arrays over a batch of transitions: row i of `s`, `a` and `n` is one env step, and rows may come from
different episodes. The range is what is met in practice, not a hard limit. `n.terminated` is 1 where the world ended
the episode at that step, and 0 elsewhere; running out of time does not count. The step that only begins the next
episode is left out: `s` and `n` of a row always belong to one episode, and `n` is the true last state where the
episode ended."""
_CHOICES: Final = """\
One of these is chosen at every step. Programs read each by its name, as `a.NAME`: a float32 array of shape (batch,)
that is 1 where this choice was made and 0 elsewhere."""
_VALUES: Final = """\
All of these are set at every step. Programs read each by its name, as `a.NAME`: a float32 array of shape (batch,)."""


def describe_card(card: EnvCard) -> str:
    """Writes what whoever writes rewards may know of a world.

    Args:
        card: the world.

    Returns:
        Markdown: the description, the fields, the actions and the horizon; no task, no judge, no reference.
    """
    sections = (
        f"# {card.id}",
        _paragraphs(card.description),
        f"An episode lasts at most {card.horizon:,} steps.",
        "## State",
        _STATES,
        _fields(card),
        "## Action",
        _CHOICES if card.actions.kind == "discrete" else _VALUES,
        _actions(card.actions),
    )
    return "\n\n".join(sections) + "\n"


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def _fields(card: EnvCard) -> str:
    rows = [
        [f"`{name}`", _shape(field), field.unit, _range(field.range), field.role, _meaning(field)]
        for name, field in card.fields.items()
    ]
    return _table(["field", "shape", "unit", "range", "role", "meaning"], rows)


def _actions(actions: ActionSpec) -> str:
    if actions.kind == "discrete":
        rows = [[f"`{name}`", component.meaning] for name, component in actions.components.items()]
        return _table(["choice", "meaning"], rows)
    rows = [
        [f"`{name}`", component.unit, _range(component.range), component.meaning]
        for name, component in actions.components.items()
    ]
    return _table(["component", "unit", "range", "meaning"], rows)


def _meaning(field: FieldSpec) -> str:
    if field.angle_of is not None:
        sine, cosine = field.angle_of
        return f"{field.meaning} Computed as arctan2({sine}, {cosine})."
    if field.distance_of is not None:
        one, other = field.distance_of
        return f"{field.meaning} Computed as the distance of {one} and {other}."
    return field.meaning


def _shape(field: FieldSpec) -> str:
    return "(batch,)" if field.index is None or field.is_scalar else f"(batch, {field.stop - field.start})"


def _range(bounds: tuple[float, float]) -> str:
    low, high = bounds
    if math.isinf(low) and math.isinf(high):
        return "unbounded"
    if math.isinf(low):
        return f"up to {high:.6g}"
    return f"{low:.6g} and more" if math.isinf(high) else f"{low:.6g} to {high:.6g}"


def _table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
