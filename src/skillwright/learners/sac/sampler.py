"""Draws minibatches from the replay, on the scale the networks see."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skillwright.learners.policy import OBSERVATION_CLIP
from skillwright.learners.sac.engine import Batch
from skillwright.learners.sac.replay import Replay, Room

__all__ = ["Quota", "Sampler", "Scales"]


class Scales(NamedTuple):
    """How each candidate's transitions are scaled; the first axis is the candidate."""

    mean: Tensor
    """Of its observations. Shape: (K, 1, observation_size)."""
    scale: Tensor
    """1 / deviation of its observations. Same shape."""
    reward: Tensor
    """What its rewards are multiplied by. Shape: (K, 1)."""


class Quota(NamedTuple):
    """What a minibatch is made of."""

    num: int
    """Transitions per candidate."""
    num_own: int
    """How many of them are drawn from what the candidate lived through itself; the others, from all it can read."""


class Sampler:
    """Picks transitions uniformly, for each candidate by its own random generator.

    Args:
        generators: one per candidate.
        room: of the replay.
        quota: of each minibatch.
    """

    def __init__(self, generators: Sequence[np.random.Generator], room: Room, quota: Quota) -> None:
        self._generators = generators
        self._room = room
        self._quota = quota

    def draw(self, replay: Replay, own: Sequence[NDArray[np.int64]], scales: Scales) -> Batch:
        """Draws one minibatch for every candidate, with the noise of its actions.

        Args:
            replay: holds at least one transition for each.
            own: indices of each candidate's own transitions in it, at least one; not looked at where no quota asks.
            scales: of the networks' inputs.
        """
        num, (_, size, action_size) = self._quota.num, self._room
        indices = np.stack([self._choose(position, held, own) for position, held in enumerate(replay.sizes)])
        noise = np.stack([one.standard_normal((2 * num, action_size), np.float32) for one in self._generators])
        rows, reward = replay.pick(indices)
        states = torch.cat([rows[..., :size], rows[..., size : 2 * size]], dim=1)
        states.sub_(scales.mean).mul_(scales.scale).clamp_(-OBSERVATION_CLIP, OBSERVATION_CLIP)
        return Batch(
            states=states,
            action=rows[..., 2 * size : -1],
            reward=reward.mul_(scales.reward),
            continues=rows[..., -1],
            noise=torch.from_numpy(noise).to(rows.device),
        )

    def _choose(self, position: int, held: int, own: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        generator, (num, num_own) = self._generators[position], self._quota
        everything = generator.integers(0, held, num - num_own)
        if not num_own:
            return everything
        return np.concatenate([own[position][generator.integers(0, len(own[position]), num_own)], everything])
