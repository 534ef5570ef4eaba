"""Choosing parents, and putting them into words for a prompt."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from skillwright.rewards.proposers.view import Evaluated, ProposerView
from skillwright.rewards.records import Candidate, Program
from skillwright.rewards.reflection import account_of

__all__ = ["Parent", "describe_parent", "pick_parent"]

_PARENT_SHARE: Final = 0.25
"""Share of all evaluated candidates that may become parents, best first."""
_MIN_PARENTS: Final = 3


class Parent(NamedTuple):
    """A candidate as the templates name it."""

    id: str
    source: str
    weights: str
    """Empty where every term counts as it is."""
    fitness: float | None
    account: str
    """How its training went, in Markdown; empty if that may not be told."""


def pick_parent(view: ProposerView, random: np.random.Generator, *, but: Sequence[str] = ()) -> Evaluated:
    """Picks a good candidate: of the best quarter, the one of rank r with odds of 1 / r.

    Args:
        view: has at least one parent beside those in ``but``.
        random: draws.
        but: ids that are out of the question.
    """
    num = max(_MIN_PARENTS, round(len(view.parents) * _PARENT_SHARE))
    known = [parent for parent in view.parents[: num + len(but)] if parent.candidate.id not in but][:num]
    odds = 1.0 / np.arange(1, len(known) + 1)
    return known[int(random.choice(len(known), p=odds / odds.sum()))]


def describe_parent(view: ProposerView, candidate: Candidate, fitness: float | None = None) -> Parent:
    """Puts a candidate into words.

    Args:
        view: knows how its training went.
        candidate: the candidate.
        fitness: how good its policy is; none if none was trained.
    """
    return Parent(
        id=candidate.id,
        source=candidate.program.source.strip(),
        weights=_weights(candidate.program),
        fitness=fitness,
        account=account_of(candidate.id, view.history) if view.has_reflection else "",
    )


def _weights(program: Program) -> str:
    moved = {name: weight for name, weight in program.weights.items() if weight != 1.0}
    return ", ".join(f"{name} {weight:.3g}" for name, weight in moved.items())
