"""A reward written anew after reading how its training went (Eureka, Ma et al. 2023, arXiv:2310.12931, appendix A)."""

import numpy as np

from skillwright.rewards.operators.operator import Brief
from skillwright.rewards.operators.parents import describe_parent, pick_parent
from skillwright.rewards.proposers.view import ProposerView

__all__ = ["Rewrite"]


class Rewrite:
    """Shows a good candidate, the course of each of its terms, and what became of all others."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn; see ``Operator.odds``."""
        return 0.45 if view.parents else 0.0

    def apply(self, view: ProposerView, random: np.random.Generator) -> Brief:
        """Says how the model is asked; see ``Operator.apply``."""
        candidate, fitness = pick_parent(view, random)
        variables = {"parent": describe_parent(view, candidate, fitness), "lesson": view.lesson}
        return Brief((candidate.id,), "rewarder/rewrite.md", variables)
