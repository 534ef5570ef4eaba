"""A reward that disagrees with how good earlier candidates' episodes were is not worth training.

Kendall's τb (Kendall 1945, Biometrika 33, 239) between the sum of the reward over each logged episode and the fitness
of the episode. Refused is what ranks them the wrong way round, by more than chance would: a good reward need not rank
them well, for its sum also depends on how long an episode is. Nothing is said where there is no logged experience, or
too little of it, or all of it is equally good.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import TransitionBlock
from skillwright.rewards.screens.screen import Ground, Trial

__all__ = ["Agreement", "kendall_tau"]

_MIN_EPISODES: Final = 24
_MIN_DIFFERENT: Final = 0.25
"""Share of pairs of episodes that must differ in fitness."""
_BEYOND_CHANCE: Final = 1.645
"""Deviations of τ among unrelated rankings; one in twenty of them is lower."""

Double = NDArray[np.float64]


class Agreement:
    """Compares what a reward pays for logged episodes with how good they were."""

    cost = 3

    def problem(self, trial: Trial, ground: Ground) -> str:
        """Looks for the reason; see ``Screen.problem``."""
        fitness, num = np.asarray(ground.logged_fitness, float), len(ground.logged_fitness)
        if num < _MIN_EPISODES or _share_different(fitness) < _MIN_DIFFERENT:
            return ""
        ends = np.cumsum([episode.num_transitions for episode in ground.logged])
        paid = np.add.reduceat(trial.score(TransitionBlock.join(ground.logged)).astype(float), [0, *ends[:-1]])
        agreement = kendall_tau(paid, fitness)
        if agreement >= -_BEYOND_CHANCE * math.sqrt(2.0 * (2 * num + 5) / (9.0 * num * (num - 1))):
            return ""
        return (
            f"it pays worse episodes of earlier candidates more: over {num} logged episodes the rank correlation "
            f"(Kendall's τ) of its sum with their fitness is {agreement:.2f}"
        )


def kendall_tau(ones: Double, others: Double) -> float:
    """Computes τb, in which ties count for neither side; 0 if all of one side are equal.

    Args:
        ones: Shape: (num,).
        others: Shape: (num,).
    """
    above = np.triu_indices(len(ones), 1)
    one, other = (np.sign(side[:, None] - side[None, :])[above] for side in (ones, others))
    size = math.sqrt(float(np.abs(one).sum()) * float(np.abs(other).sum()))
    return float((one * other).sum()) / size if size else 0.0


def _share_different(values: Double) -> float:
    return float((values[:, None] != values[None, :])[np.triu_indices(len(values), 1)].mean())
