"""A reward that pays clearly worse episodes more than clearly better ones leads the wrong way.

The trajectory preference evaluation of CARD (Sun et al. 2024, arXiv:2410.14660), with two deviations. CARD compares
successes with failures; here every pair of episodes counts whose fitness differs by a quarter of the whole range, so
that it works before anything has succeeded. And CARD refuses below 0.8: here only what is nearly always wrong is
refused, as a good reward need not order episodes of chance.
"""

from typing import Final

import numpy as np

from skillwright.envs import TransitionBlock
from skillwright.rewards.screens.screen import Ground, Trial

__all__ = ["Ordering"]

_CLEAR: Final = 0.25
"""Part of the range of all fitness by which two episodes must differ."""
_MIN_PAIRS: Final = 24
"""Pairs below which nothing is said."""
_WRONG: Final = 0.2
"""Share of pairs in the right order below which a reward is refused."""


class Ordering:
    """Compares what a reward pays for episodes with how good they were."""

    cost = 2

    def problem(self, trial: Trial, ground: Ground) -> str:
        """Looks for the reason; see ``Screen.problem``."""
        fitness = np.asarray(ground.fitness, float)
        if len(fitness) < 2:
            return ""
        better, worse = np.nonzero(fitness[:, None] - fitness[None, :] > _CLEAR * np.ptp(fitness))
        if len(better) < _MIN_PAIRS:
            return ""
        ends = np.cumsum([episode.num_transitions for episode in ground.episodes])
        paid = np.add.reduceat(trial.score(TransitionBlock.join(ground.episodes)).astype(float), [0, *ends[:-1]])
        right = float(np.mean(paid[better] > paid[worse]))
        if right >= _WRONG:
            return ""
        return (
            f"it pays worse episodes more: of {len(better)} pairs of recorded episodes, one clearly better than the "
            f"other, its sum over the episode is higher for the better one in {right:.0%} only"
        )
