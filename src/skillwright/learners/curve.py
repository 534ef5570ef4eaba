"""The learning curve of one candidate, gathered rollout by rollout."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import TransitionBlock
from skillwright.learners.episodes import EpisodeRecorder
from skillwright.learners.problem import EpisodeScore, EpisodeScorer, LearningPoint

__all__ = ["CurveRecorder"]

_RECENT_EPISODES: Final = 32
"""Episodes whose mean fitness a race looks at; of those that end in one rollout, no more are judged."""


class CurveRecorder:
    """Gathers one learning point per rollout.

    Args:
        num_envs: environments of the candidate.
        score_episodes: judges the episodes that end.
    """

    def __init__(self, num_envs: int, score_episodes: EpisodeScorer) -> None:
        self.points: list[LearningPoint] = []
        """The curve so far."""
        self._num_envs = num_envs
        self._score_episodes = score_episodes
        self._ended: list[EpisodeScore] = []
        self.recent: deque[float] = deque(maxlen=_RECENT_EPISODES)
        """Fitness of the newest episodes."""
        self._reward = 0.0
        self._terms: dict[str, float] = {}
        self._recorder = EpisodeRecorder(num_envs)

    def record(
        self, rollout: TransitionBlock, is_reset: NDArray[np.bool_], terms: Mapping[str, NDArray[np.float32]]
    ) -> None:
        """Takes in one rollout.

        Args:
            rollout: columns of shape (num_steps, num_envs, ...).
            is_reset: Shape: (num_steps, num_envs).
            terms: weighted contributions on all but reset steps. Shape of each: (num_live,).
        """
        finished = self._recorder.record(rollout, is_reset)
        if finished:
            chosen = np.unique(np.linspace(0, len(finished) - 1, _RECENT_EPISODES).astype(int))
            self._judge([TransitionBlock.join(finished[number]) for number in chosen])
        self._terms = {name: float(term.mean()) for name, term in terms.items()}
        self._reward = sum(self._terms.values())

    def close_stretch(self, timesteps: int) -> None:
        """Makes a point of what was recorded since the last one.

        Args:
            timesteps: env steps of the candidate so far.
        """
        self.points.append(LearningPoint(timesteps, self._reward, self._terms, tuple(self._ended)))
        self._ended.clear()

    def newest_fitness(self) -> float | None:
        """Gives the mean fitness over the newest episodes; none before the first has ended."""
        return float(np.mean(self.recent)) if self.recent else None

    def forget_unfinished_episodes(self) -> None:
        """Drops what was recorded of episodes that will not be finished, because their worlds were left."""
        self._recorder = EpisodeRecorder(self._num_envs)

    def _judge(self, episodes: Sequence[TransitionBlock]) -> None:
        scores = self._score_episodes(episodes)
        self._ended += scores
        self.recent.extend(score.fitness for score in scores)
