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
        self.recent: deque[float] = deque(maxlen=_RECENT_EPISODES)
        """Fitness of the newest episodes."""
        self._recorder = EpisodeRecorder(num_envs)

    def record(
        self,
        timesteps: int,
        rollout: TransitionBlock,
        is_reset: NDArray[np.bool_],
        terms: Mapping[str, NDArray[np.float32]],
    ) -> None:
        """Makes a point of one rollout.

        Args:
            timesteps: env steps of the candidate so far, those of the rollout included.
            rollout: columns of shape (num_steps, num_envs, ...).
            is_reset: Shape: (num_steps, num_envs).
            terms: weighted contributions on all but reset steps. Shape of each: (num_live,).
        """
        means = {name: float(term.mean()) for name, term in terms.items()}
        ended = self._judge(self._recorder.record(rollout, is_reset))
        self.recent.extend(score.fitness for score in ended)
        self.points.append(LearningPoint(timesteps, sum(means.values(), 0.0), means, tuple(ended)))

    def newest_fitness(self) -> float | None:
        """Gives the mean fitness over the newest episodes; none before the first has ended."""
        return float(np.mean(self.recent)) if self.recent else None

    def forget_unfinished_episodes(self) -> None:
        """Drops what was recorded of episodes that will not be finished, because their worlds were left."""
        self._recorder = EpisodeRecorder(self._num_envs)

    def _judge(self, finished: Sequence[list[TransitionBlock]]) -> list[EpisodeScore]:
        if not finished:
            return []
        chosen = np.unique(np.linspace(0, len(finished) - 1, _RECENT_EPISODES).astype(int))
        return self._score_episodes([TransitionBlock.join(finished[number]) for number in chosen])
