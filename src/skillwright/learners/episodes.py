"""Finds the whole episodes in a stream of rollouts."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import TransitionBlock

__all__ = ["EpisodeRecorder"]


class EpisodeRecorder:
    """Joins the pieces of episodes that span several rollouts of one candidate.

    Args:
        num_envs: environments of the candidate.
        finished: called with each whole episode, in the order in which they end within an environment.
    """

    def __init__(self, num_envs: int, finished: Callable[[TransitionBlock], None]) -> None:
        self._pieces: list[list[TransitionBlock]] = [[] for _ in range(num_envs)]
        self._finished = finished

    def record(self, rollout: TransitionBlock, is_reset: NDArray[np.bool_]) -> None:
        """Takes in one rollout.

        Args:
            rollout: columns of shape (num_steps, num_envs, ...).
            is_reset: whether a step only reset its environment. Shape: (num_steps, num_envs).
        """
        ended = rollout.terminated | rollout.truncated
        for env, pieces in enumerate(self._pieces):
            begin = 0
            for end in [*(np.flatnonzero(ended[:, env]) + 1), len(ended)]:
                begin += int(begin < end and is_reset[begin, env])
                if begin < end:
                    pieces.append(rollout.at((slice(begin, end), env)))
                if begin < end and ended[end - 1, env]:
                    self._finished(TransitionBlock.join(pieces))
                    pieces.clear()
                begin = int(end)
