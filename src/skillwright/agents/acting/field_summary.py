"""An episode in words and numbers, short enough for a language model: what each named field did, and who acted when."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.agents.acting.deeds import Deed
from skillwright.envs import EnvCard, TransitionBlock, views

__all__ = ["summarize_fields"]

_Column = Callable[[str], NDArray[np.float32]]

_MOST_LINES: Final = 60
_MOST_COMPONENTS: Final = 6
"""Of a field of several dimensions; the rest are left out, and the summary says so."""
_MOST_DEEDS: Final = 20
_MOST_TURNS: Final = 6
"""Steps at which a field that is only 0 or 1 changes."""
_MOMENTS: Final = 5


def summarize_fields(card: EnvCard, lived: TransitionBlock, deeds: Sequence[Deed], problem: str = "") -> str:
    """Writes what happened in an episode.

    Args:
        card: the world.
        lived: the whole episode.
        deeds: what was run in it.
        problem: why the program stopped before its end, if it did.

    Returns:
        Markdown of bounded length, however long the episode and however many the fields.
    """
    num = lived.num_transitions
    ended = "the world ended it" if lived.terminated[-1] else "its time was up" if lived.truncated[-1] else "it stopped"
    lines = [f"The episode took {num} steps; at the end {ended}."]
    if problem:
        lines.append(f"The program stopped early: {problem}")
    lines += ["", "What was run, and when:", *_deeds(deeds), "", *_fields(card, lived)]
    return "\n".join(lines)


def _deeds(deeds: Sequence[Deed]) -> Iterator[str]:
    words = {True: "it says its own task was done", False: "it says its own task was not done", None: "it cannot say"}
    for one in deeds[:_MOST_DEEDS]:
        last = one.first_step + one.num_steps
        yield f"- {one.skill}, steps {one.first_step} to {last}: {words[one.succeeded]}"
    if len(deeds) > _MOST_DEEDS:
        yield f"- and {len(deeds) - _MOST_DEEDS} more"


def _fields(card: EnvCard, lived: TransitionBlock) -> Iterator[str]:
    before, _, after = views(card, lived, judge=False)
    quarters = ", ".join(f"{100 * one // (_MOMENTS - 1)} %" for one in range(_MOMENTS))
    yield f"Each field at {quarters} of the episode, then over all of it:"
    rows = list(islice(_rows(card, before.column, after.column), _MOST_LINES + 1))
    yield from rows[:_MOST_LINES]
    if len(rows) > _MOST_LINES:
        yield "- further fields are left out"


def _rows(card: EnvCard, before: _Column, after: _Column) -> Iterator[str]:
    for name, spec in card.fields.items():
        values = np.concatenate([before(name)[:1], after(name)]).astype(np.float64)
        if values.ndim == 1:
            yield f"- `{name}` [{spec.unit}]: {_told(values)}"
            continue
        for index in range(min(values.shape[1], _MOST_COMPONENTS)):
            yield f"- `{name}[{index}]` [{spec.unit}]: {_told(values[:, index])}"
        if values.shape[1] > _MOST_COMPONENTS:
            yield f"- `{name}` has {values.shape[1] - _MOST_COMPONENTS} more components"


def _told(values: NDArray[np.float64]) -> str:
    """Describes one series: its course and bounds, or when it changed if it is only ever 0 or 1."""
    if np.isin(values, (0.0, 1.0)).all():
        turns = np.flatnonzero(np.diff(values)) + 1
        when = ", ".join(f"{int(values[step])} from step {step}" for step in turns[:_MOST_TURNS])
        more = f", and {len(turns) - _MOST_TURNS} more changes" if len(turns) > _MOST_TURNS else ""
        return f"{int(values[0])} at first" + (f", {when}{more}" if when else ", never changed")
    at = np.linspace(0, len(values) - 1, _MOMENTS).round().astype(int)
    course = " -> ".join(f"{values[step]:.3g}" for step in at)
    lowest, highest = int(values.argmin()), int(values.argmax())
    bounds = f"min {values[lowest]:.3g} (step {lowest}), max {values[highest]:.3g} (step {highest})"
    return f"{course}; {bounds}, mean {values.mean():.3g}"
