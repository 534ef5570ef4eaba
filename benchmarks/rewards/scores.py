"""Scores and what they mean together: means, intervals, human-normalised scores."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.rewards.conditions import REFERENCE, SPARSE
from skillwright.core.seeding import generator

__all__ = [
    "MAX_SCORE",
    "Estimate",
    "Normalised",
    "Sample",
    "TaskScores",
    "compare",
    "estimate",
    "human_normalised",
    "normalise",
    "spans_a_scale",
]

MAX_SCORE: Final = 3.0
"""Highest human-normalised score of a task; the lowest is 0."""
_LEAST_GAP: Final = 0.05
"""Least difference of reference and sparse, as a share of the larger of the two, that can be divided by."""
_NUM_RESAMPLES: Final = 2000
_TAIL: Final = 0.025

Sample = Sequence[Sequence[float]]
"""Fitness of held-out episodes: one sequence per training seed, all of one length."""
TaskScores = Mapping[str, Sample]
"""Name of a condition -> how its policies did in one task."""
Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


class Normalised(NamedTuple):
    """Human-normalised scores of one condition."""

    by_task: Mapping[str, float]
    """Only tasks in which it was measured, and which span a scale."""
    mean: Estimate
    median: float


def estimate(sample: Sample) -> Estimate:
    """Estimates a mean by the bootstrap over seeds, and over the episodes of each.

    Args:
        sample: at least one seed with one episode.
    """
    means = np.array([np.mean(seed) for seed in sample])
    return _estimate(float(means.mean()), _resampled(sample, "estimate"))


def compare(sample: Sample, other: Sample) -> Literal["better", "worse", "no difference"]:
    """Says on which side of zero the 95 % interval of a difference of means lies.

    Args:
        sample: of the one.
        other: of the other.
    """
    low, high = np.quantile(_resampled(sample, "one") - _resampled(other, "other"), [_TAIL, 1 - _TAIL])
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no difference"


def spans_a_scale(scores: TaskScores) -> bool:
    """Says whether others can be measured by the difference of reference and sparse: it is neither tiny nor noise.

    Args:
        scores: of one task.
    """
    if not {REFERENCE, SPARSE} <= scores.keys() or compare(scores[REFERENCE], scores[SPARSE]) == "no difference":
        return False
    return _is_apart(*(estimate(scores[name]).mean for name in (REFERENCE, SPARSE)))


def human_normalised(method: float, *, sparse: float, reference: float) -> float | None:
    """Computes the human-normalised score: 0 is the sparse reward, 1 the reference.

    As in Eureka (Ma et al. 2023, arXiv:2310.12931), clipped: (method − sparse) / |reference − sparse| in [0, 3].

    Args:
        method: mean fitness.
        sparse: mean fitness under the sparse reward.
        reference: mean fitness under the reference reward.

    Returns:
        The score; none where reference and sparse are too close together.
    """
    if not _is_apart(sparse, reference):
        return None
    return float(np.clip((method - sparse) / abs(reference - sparse), 0.0, MAX_SCORE))


def normalise(condition: str, tasks: Mapping[str, TaskScores]) -> Normalised | None:
    """Sums a condition up over tasks.

    Args:
        condition: its name.
        tasks: name of the task -> scores of all conditions.

    Returns:
        Its scores; none if no task has one.
    """
    by_task: dict[str, float] = {}
    draws: list[Floats] = []
    for task, scores in tasks.items():
        if condition not in scores or not spans_a_scale(scores):
            continue
        means = {name: estimate(scores[name]).mean for name in (condition, SPARSE, REFERENCE)}
        score = human_normalised(means[condition], sparse=means[SPARSE], reference=means[REFERENCE])
        if score is not None:
            by_task[task] = score
            draws.append(_draws(condition, scores))
    if not by_task:
        return None
    values = list(by_task.values())
    return Normalised(by_task, _estimate(float(np.mean(values)), np.mean(draws, axis=0)), float(np.median(values)))


def _is_apart(one: float, other: float) -> bool:
    return abs(one - other) > _LEAST_GAP * max(abs(one), abs(other))


def _draws(condition: str, scores: TaskScores) -> Floats:
    """Resamples the score of a condition in one task; whoever is resampled twice is so in the same way."""
    method, sparse, reference = (_resampled(scores[name], name) for name in (condition, SPARSE, REFERENCE))
    gap = np.maximum(np.abs(reference - sparse), np.finfo(np.float64).tiny)
    clipped: Floats = np.clip((method - sparse) / gap, 0.0, MAX_SCORE)
    return clipped


def _estimate(mean: float, draws: Floats) -> Estimate:
    low, high = np.quantile(draws, [_TAIL, 1 - _TAIL])
    return Estimate(mean, min(float(low), mean), max(float(high), mean))


def _resampled(sample: Sample, name: str) -> Floats:
    """Draws means: seeds with replacement, and of each its episodes with replacement. Shape: (num_resamples,)."""
    values = np.asarray(sample, np.float64)
    num_seeds, num_episodes = values.shape
    random = generator(0, "bootstrap", name)
    seeds = random.integers(num_seeds, size=(_NUM_RESAMPLES, num_seeds, 1))
    episodes = random.integers(num_episodes, size=(_NUM_RESAMPLES, num_seeds, num_episodes))
    means: Floats = values[seeds, episodes].mean(axis=(1, 2))
    return means
