"""Learning curves as they are stored: few points, each the mean over a stretch of training."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from skillwright.learners import LearningPoint
from skillwright.rewards.records import CurvePoint

__all__ = ["thin_out"]

_CURVE_POINTS: Final = 24
"""Points a stored learning curve has at most."""


def thin_out(curve: Sequence[LearningPoint]) -> list[CurvePoint]:
    """Joins neighbouring points, so that a stored curve stays small.

    Args:
        curve: of one candidate, in order.
    """
    stretch = max(1, -(-len(curve) // _CURVE_POINTS))
    return [_join(curve[begin : begin + stretch]) for begin in range(0, len(curve), stretch)]


def _join(points: Sequence[LearningPoint]) -> CurvePoint:
    episodes = [episode for point in points for episode in point.episodes]
    successes = [episode.success for episode in episodes if episode.success is not None]
    names = points[-1].terms
    return CurvePoint(
        timesteps=points[-1].timesteps,
        fitness=float(np.mean([episode.fitness for episode in episodes])) if episodes else None,
        success_rate=float(np.mean(successes)) if successes else None,
        reward=float(np.mean([point.reward for point in points])),
        episode_length=float(np.mean([episode.length for episode in episodes])) if episodes else None,
        terms={name: float(np.mean([point.terms.get(name, 0.0) for point in points])) for name in names},
    )
