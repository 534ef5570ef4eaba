"""A good reward with one term changed (REvolve, Hazra et al. 2024, arXiv:2406.01309)."""

import numpy as np

from skillwright.rewards.operators.operator import Brief
from skillwright.rewards.operators.parents import describe_parent, pick_parent
from skillwright.rewards.proposers.view import ProposerView

__all__ = ["Mutate"]


class Mutate:
    """Asks for one change, so that its effect can be seen by itself."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn; see ``Operator.odds``."""
        return 0.15 if view.parents else 0.0

    def apply(self, view: ProposerView, random: np.random.Generator) -> Brief:
        """Says how the model is asked; see ``Operator.apply``."""
        candidate, fitness = pick_parent(view, random)
        return Brief((candidate.id,), "rewarder/mutate.md", {"parent": describe_parent(view, candidate, fitness)})
