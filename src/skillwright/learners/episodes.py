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
            for last in np.flatnonzero(ended[:, env]):
                self._keep(pieces, rollout, is_reset, env, begin, int(last) + 1)
                self._finished(_join(pieces))
                pieces.clear()
                begin = int(last) + 1
            self._keep(pieces, rollout, is_reset, env, begin, len(ended))

    def _keep(
        self,
        pieces: list[TransitionBlock],
        rollout: TransitionBlock,
        is_reset: NDArray[np.bool_],
        env: int,
        begin: int,
        end: int,
    ) -> None:
        begin += int(begin < end and is_reset[begin, env])
        if begin < end:
            pieces.append(TransitionBlock(*(column[begin:end, env] for column in rollout)))


def _join(pieces: list[TransitionBlock]) -> TransitionBlock:
    if len(pieces) == 1:
        return pieces[0]
    return TransitionBlock(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))
