"""The scale of rewards, which candidates differ in and soft actor-critic is sensitive to."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["RewardScale"]

_EPSILON: Final = 1e-8


class RewardScale:
    """Running mean square of each candidate's rewards.

    Dividing by its root changes neither the sign of a reward nor which policy is best, and lets one learning rate and
    one first temperature serve rewards of any size.

    Args:
        num_candidates: size of the population.
    """

    def __init__(self, num_candidates: int) -> None:
        self.mean_square: NDArray[np.float64] = np.zeros(num_candidates)
        """Shape: (num_candidates,)."""
        self.count: NDArray[np.float64] = np.zeros(num_candidates)
        """Rewards seen. Shape: (num_candidates,)."""

    def update(self, candidate: int, reward: NDArray[np.float32]) -> None:
        """Takes in rewards.

        Args:
            candidate: whose.
            reward: Shape: (num,).
        """
        self.count[candidate] += len(reward)
        excess = np.square(reward, dtype=np.float64) - self.mean_square[candidate]
        self.mean_square[candidate] += excess.sum() / max(self.count[candidate], 1.0)

    def select(self, candidates: Sequence[int]) -> "RewardScale":
        """Takes over the statistics of some candidates.

        Args:
            candidates: their indices.
        """
        selected = RewardScale(len(candidates))
        selected.mean_square, selected.count = self.mean_square[candidates], self.count[candidates]
        return selected

    @property
    def factor(self) -> NDArray[np.float32]:
        """What to multiply rewards by. Shape: (num_candidates,)."""
        return (1.0 / np.sqrt(self.mean_square + _EPSILON)).astype(np.float32)
