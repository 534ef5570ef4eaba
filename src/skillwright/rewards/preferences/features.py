"""What a preference model sees of a transition."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import EnvCard, TransitionBlock

__all__ = ["FEATURE_CLIP", "Scale", "features", "num_features"]

Float = NDArray[np.float32]

FEATURE_CLIP: Final = 5.0
"""Largest normalised feature a model sees."""
_SMALLEST_DEVIATION: Final = 1e-3
"""A feature that varies less is left as it is, lest its rounding errors be blown up."""


def num_features(card: EnvCard) -> int:
    """Counts the features of a transition.

    Args:
        card: the world.
    """
    return 2 * card.observation_size + card.actions.size + 1


def features(card: EnvCard, block: TransitionBlock) -> Float:
    """Puts state before, action, state after and whether the world ended the episode side by side.

    A choice of a discrete action becomes one indicator per choice. That the time ran out is left out: it says nothing
    about what was done.

    Args:
        card: the world.
        block: transitions.

    Returns:
        Shape: (num_transitions, num_features).
    """
    if card.actions.kind == "discrete":
        action = (block.action[:, None] == np.arange(card.actions.size)).astype(np.float32)
    else:
        low, high = (np.asarray(bound, np.float32) for bound in card.actions.bounds)
        action = np.clip(block.action, low, high).astype(np.float32)
    ended = block.terminated[:, None].astype(np.float32)
    return np.concatenate([block.observation, action, block.next_observation, ended], axis=1, dtype=np.float32)


class Scale:
    """Brings features to mean 0 and deviation 1.

    Args:
        mean: Shape: (num_features,).
        factor: 1 / deviation. Shape: (num_features,).
    """

    __slots__ = ("factor", "mean")

    def __init__(self, mean: Float, factor: Float) -> None:
        self.mean = mean
        self.factor = factor

    @classmethod
    def of(cls, seen: Float) -> "Scale":
        """Measures features.

        Args:
            seen: Shape: (num_transitions, num_features).
        """
        deviation = seen.std(axis=0, dtype=np.float64)
        factor = np.where(deviation < _SMALLEST_DEVIATION, 1.0, 1.0 / np.maximum(deviation, _SMALLEST_DEVIATION))
        return cls(seen.mean(axis=0, dtype=np.float64).astype(np.float32), factor.astype(np.float32))

    def apply(self, seen: Float) -> Float:
        """Normalises features and clips them to ``±FEATURE_CLIP``.

        Args:
            seen: Shape: (num_transitions, num_features).
        """
        scaled: Float = np.clip((seen - self.mean) * self.factor, -FEATURE_CLIP, FEATURE_CLIP)
        return scaled
