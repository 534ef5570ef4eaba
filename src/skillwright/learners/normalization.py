"""Running normalisation of observations and rewards, one for each candidate of a population."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["RewardScaler", "RunningMoments"]

Float = NDArray[np.float32]
Double = NDArray[np.float64]

_EPSILON: Final = 1e-8
_CLIP: Final = 10.0
_ADOPTED_COUNT: Final = 10_000.0
"""Samples that adopted moments weigh as much as."""


class RunningMoments:
    """Mean and variance of all batches seen, by the parallel update of Chan et al. (1979), per candidate.

    Args:
        shape: of one candidate's sample; ``()`` for scalars.
        num_candidates: size of the population.
    """

    def __init__(self, num_candidates: int, shape: tuple[int, ...] = ()) -> None:
        self.mean: Double = np.zeros((num_candidates, *shape))
        self.variance: Double = np.ones((num_candidates, *shape))
        self.count: Double = np.full((num_candidates, *(1 for _ in shape)), 1e-4)
        """Samples seen."""

    def update(self, samples: NDArray[np.floating], weight: NDArray[np.bool_]) -> None:
        """Takes in a batch.

        Args:
            samples: Shape: (num_candidates, batch, *shape).
            weight: whether a sample counts. Shape: (num_candidates, batch).
        """
        mask = weight.reshape(*weight.shape, *(1 for _ in samples.shape[2:])).astype(np.float64)
        count = mask.sum(axis=1)
        safe = np.maximum(count, 1.0)
        mean = (samples * mask).sum(axis=1) / safe
        variance = (np.square(samples - mean[:, None]) * mask).sum(axis=1) / safe
        delta = mean - self.mean
        total = self.count + count
        share = count / total
        self.variance = self.variance * (1 - share) + variance * share + np.square(delta) * share * (1 - share)
        self.mean = self.mean + delta * share
        self.count = total

    def adopt(self, candidate: int, mean: Float, scale: Float) -> None:
        """Begins with moments that were known before.

        Args:
            candidate: whose.
            mean: Shape: (*shape,).
            scale: 1 / standard deviation. Shape: (*shape,).
        """
        self.mean[candidate] = mean
        self.variance[candidate] = 1.0 / np.square(scale, dtype=np.float64)
        self.count[candidate] = _ADOPTED_COUNT

    def select(self, candidates: Sequence[int]) -> "RunningMoments":
        """Takes over the moments of some candidates.

        Args:
            candidates: their indices.
        """
        selected = RunningMoments(len(candidates), self.mean.shape[1:])
        selected.mean, selected.variance = self.mean[candidates], self.variance[candidates]
        selected.count = self.count[candidates]
        return selected

    def arrays(self, name: str) -> dict[str, Double]:
        """Names all that updates change; writing to one changes the moments.

        Args:
            name: that all names begin with.
        """
        return {f"{name}/mean": self.mean, f"{name}/variance": self.variance, f"{name}/count": self.count}

    @property
    def scale(self) -> Float:
        """1 / standard deviation. Shape: (num_candidates, *shape)."""
        return (1.0 / np.sqrt(self.variance + _EPSILON)).astype(np.float32)


class RewardScaler:
    """Divides rewards by the running standard deviation of the discounted return (Engstrom et al. 2020, section 3).

    Only the scale is changed, never the sign, so that ending an episode keeps its meaning. Deviation: the statistic is
    updated once per rollout, not once per step.

    Args:
        num_candidates: size of the population.
        num_envs: environments per candidate.
        gamma: discount per env step.
    """

    def __init__(self, num_candidates: int, num_envs: int, gamma: float) -> None:
        self._gamma = gamma
        self._return: Double = np.zeros((num_candidates, num_envs))
        self.moments = RunningMoments(num_candidates)
        """Of the discounted return."""

    def select(self, candidates: Sequence[int]) -> "RewardScaler":
        """Takes over the statistics of some candidates.

        Args:
            candidates: their indices.
        """
        selected = RewardScaler(len(candidates), self._return.shape[1], self._gamma)
        selected._return, selected.moments = self._return[candidates], self.moments.select(candidates)
        return selected

    def forget_unfinished_episodes(self) -> None:
        """Begins new episodes in all environments."""
        self._return[:] = 0.0

    def scale(self, reward: Float, *, ended: NDArray[np.bool_], live: NDArray[np.bool_]) -> Float:
        """Scales a rollout's rewards.

        Args:
            reward: Shape: (num_candidates, num_steps, num_envs).
            ended: whether the episode ended at this step. Same shape.
            live: False on reset steps. Same shape.

        Returns:
            Scaled rewards, clipped to ±10. Same shape.
        """
        returns = np.empty(reward.shape)
        for step in range(reward.shape[1]):
            self._return = self._return * self._gamma + reward[:, step]
            returns[:, step] = self._return
            self._return[ended[:, step]] = 0.0
        self.moments.update(returns.reshape(len(reward), -1), live.reshape(len(reward), -1))
        scaled = reward * self.moments.scale[:, None, None]
        clipped: Float = np.clip(scaled, -_CLIP, _CLIP).astype(np.float32)
        return clipped
