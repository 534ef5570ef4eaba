"""A reward from nothing but the world and the task."""

from textwrap import shorten
from typing import Final, NamedTuple

import numpy as np

from skillwright.rewards.operators.operator import Brief
from skillwright.rewards.proposers.view import ProposerView

__all__ = ["Fresh"]

_NUM_TOLD: Final = 6
"""Candidates that are named as what has been tried."""
_LONGEST: Final = 300
"""Characters of a rationale that are told."""


class _Tried(NamedTuple):
    id: str
    fitness: float
    rationale: str


class Fresh:
    """Asks for a new idea, with the best ones so far named as taken."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn; see ``Operator.odds``."""
        return 0.15 if view.parents else 1.0

    def apply(self, view: ProposerView, random: np.random.Generator) -> Brief:
        """Says how the model is asked; see ``Operator.apply``."""
        tried = [
            _Tried(one.candidate.id, one.fitness, shorten(one.candidate.rationale, _LONGEST, placeholder=" …"))
            for one in view.parents[:_NUM_TOLD]
        ]
        return Brief((), "rewarder/fresh.md", {"tried": tried})
