"""Choices as arrays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import EnvCard
from skillwright.rewards.preferences.episodes import Shelf
from skillwright.rewards.preferences.features import features
from skillwright.rewards.preferences.records import Choice, Clip

__all__ = ["ChosenPairs", "load_choices"]

Float = NDArray[np.float32]


class ChosenPairs(NamedTuple):
    """Pairs of clips, each filled up with zeros to the longest, and what was chosen."""

    a: Float
    """Features of the first clips. Shape: (num_pairs, num_steps, num_features)."""
    b: Float
    """Of the second ones. Same shape."""
    length_a: NDArray[np.int64]
    """True lengths of the first clips. Shape: (num_pairs,)."""
    length_b: NDArray[np.int64]
    """Of the second ones. Same shape."""
    target: NDArray[np.float64]
    """How probably a is to be preferred. Shape: (num_pairs,)."""

    @property
    def num_pairs(self) -> int:
        """Number of pairs."""
        return len(self.target)

    @property
    def mask(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which steps are within a clip. Shape of each: (num_pairs, num_steps)."""
        steps = np.arange(self.a.shape[1])
        return steps < self.length_a[:, None], steps < self.length_b[:, None]

    def transitions(self) -> Float:
        """Gives the features of all transitions. Shape: (num_transitions, num_features)."""
        in_a, in_b = self.mask
        return np.concatenate([self.a[in_a], self.b[in_b]])


def load_choices(card: EnvCard, shelf: Shelf, choices: Sequence[Choice]) -> ChosenPairs:
    """Loads the pairs of choices, but for those skipped.

    Args:
        card: the world.
        shelf: holds the episodes.
        choices: any number.

    Raises:
        CorruptArtifact: an episode is missing or damaged.
    """
    kept = [(choice.pair, choice.target) for choice in choices if choice.target is not None]
    a, length_a = _pad(card, shelf, [pair.a for pair, _ in kept])
    b, length_b = _pad(card, shelf, [pair.b for pair, _ in kept])
    steps = max(a.shape[1], b.shape[1])
    target = np.array([target for _, target in kept], np.float64)
    return ChosenPairs(_widen(a, steps), _widen(b, steps), length_a, length_b, target)


def _pad(card: EnvCard, shelf: Shelf, clips: Sequence[Clip]) -> tuple[Float, NDArray[np.int64]]:
    """Loads the features of clips, zero after the end of each, and their lengths."""
    seen = [features(card, shelf.clip(clip)) for clip in clips]
    lengths = np.array([len(one) for one in seen], np.int64)
    if not seen:
        return np.zeros((0, 0, 0), np.float32), lengths
    padded = np.zeros((len(seen), int(lengths.max()), seen[0].shape[1]), np.float32)
    for row, one in zip(padded, seen, strict=True):
        row[: len(one)] = one
    return padded, lengths


def _widen(padded: Float, num_steps: int) -> Float:
    return np.pad(padded, ((0, 0), (0, num_steps - padded.shape[1]), (0, 0)))
