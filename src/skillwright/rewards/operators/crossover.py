"""The best terms of two good rewards joined (REvolve, Hazra et al. 2024, arXiv:2406.01309)."""

import numpy as np

from skillwright.rewards.operators.operator import Brief
from skillwright.rewards.operators.parents import describe_parent, pick_parent
from skillwright.rewards.proposers.view import ProposerView

__all__ = ["Crossover"]


class Crossover:
    """Shows two good candidates with the course of their terms."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn; see ``Operator.odds``."""
        return 0.1 if len(view.parents) > 1 else 0.0

    def apply(self, view: ProposerView, random: np.random.Generator) -> Brief:
        """Says how the model is asked; see ``Operator.apply``."""
        first = pick_parent(view, random)
        both = [first, pick_parent(view, random, but=[first.candidate.id])]
        parents = [describe_parent(view, candidate, fitness) for candidate, fitness in both]
        return Brief(tuple(parent.id for parent in parents), "rewarder/crossover.md", {"parents": parents})
