"""Notices rewards that are collected without doing the task: the reward rises, the fitness does not."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from skillwright.rewards.records import CurvePoint, Trained

__all__ = ["find_hack"]

_MIN_POINTS: Final = 6
"""Points with a fitness below which nothing is said."""
_RISING: Final = 0.6
"""Rank correlation with time from which on a curve counts as rising."""


def find_hack(one: Trained, others: Sequence[Trained]) -> str:
    """Compares how the reward of a candidate and the fitness of its policy went.

    Args:
        one: a trained candidate.
        others: its generation, itself included; only a policy that is worse than half of them is suspected.

    Returns:
        What gives it away, in words; empty if nothing does.
    """
    judged = [other.judgement.fitness for other in others if other.judgement]
    if one.judgement is None or one.judgement.fitness > float(np.median(judged)):
        return ""
    points = [point for point in one.curve if point.fitness is not None]
    if len(points) < _MIN_POINTS:
        return ""
    reward, fitness = _column(points, "reward"), _column(points, "fitness")
    part = len(points) // 3
    earned, lost = reward[-part:].mean() - reward[:part].mean(), fitness[:part].mean() - fitness[-part:].mean()
    if not (earned > 0.0 and lost >= 0.0 and _rank_correlation(reward) >= _RISING):
        return ""
    went = f"fell from {fitness[:part].mean():.3g} to" if lost > 0.0 else "stayed at"
    return (
        f"reward hacking: the reward per step rose from {reward[:part].mean():.3g} to {reward[-part:].mean():.3g}, "
        f"while the fitness {went} {fitness[-part:].mean():.3g}; it is being collected in a way that was not meant"
    )


def _column(points: Sequence[CurvePoint], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([getattr(point, name) for point in points], dtype=float)


def _rank_correlation(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Correlates values with their order in time (Spearman); 0 where they are all the same."""
    if np.ptp(values) == 0.0:
        return 0.0
    return float(np.corrcoef(np.argsort(np.argsort(values)), np.arange(len(values)))[0, 1])
