"""A reward that could not be trained with, written again with its error before the model's eyes."""

from typing import Final

import numpy as np

from skillwright.rewards.operators.operator import Brief
from skillwright.rewards.operators.parents import describe_parent
from skillwright.rewards.proposers.view import ProposerView

__all__ = ["Repair"]

_CERTAIN: Final = 1e9
"""Odds beside which no other operator is drawn."""


class Repair:
    """Shows a refused candidate and the whole reason."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn; see ``Operator.odds``."""
        return _CERTAIN if view.refused else 0.0

    def apply(self, view: ProposerView, random: np.random.Generator) -> Brief:
        """Says how the model is asked about the first refusal; see ``Operator.apply``."""
        candidate, reason = view.refused[0]
        variables = {"parent": describe_parent(view, candidate), "problem": reason}
        return Brief((candidate.id,), "rewarder/repair.md", variables)
