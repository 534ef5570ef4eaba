"""Finds the whole episodes in a stream of rollouts."""

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import TransitionBlock

__all__ = ["EpisodeRecorder"]


class EpisodeRecorder:
    """Joins the pieces of episodes that span several rollouts of one candidate.

    Args:
        num_envs: environments of the candidate.
    """

    def __init__(self, num_envs: int) -> None:
        self._pieces: list[list[TransitionBlock]] = [[] for _ in range(num_envs)]

    def record(self, rollout: TransitionBlock, is_reset: NDArray[np.bool_]) -> list[list[TransitionBlock]]:
        """Takes in one rollout.

        Args:
            rollout: columns of shape (num_steps, num_envs, ...).
            is_reset: whether a step only reset its environment. Shape: (num_steps, num_envs).

        Returns:
            The pieces of each episode that ended, in the order in which they ended within an environment.
        """
        finished: list[list[TransitionBlock]] = []
        ended = rollout.terminated | rollout.truncated
        for env, pieces in enumerate(self._pieces):
            begin = 0
            for end in [*(np.flatnonzero(ended[:, env]) + 1), len(ended)]:
                begin += int(begin < end and is_reset[begin, env])
                if begin < end:
                    pieces.append(rollout.at((slice(begin, end), env)))
                if begin < end and ended[end - 1, env]:
                    finished.append(pieces.copy())
                    pieces.clear()
                begin = int(end)
        return finished
