"""Learning curves: what training looked like, gathered rollout by rollout."""

from collections import deque
from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import TransitionBlock
from skillwright.learners.episodes import EpisodeRecorder
from skillwright.learners.problem import EpisodeScore, EpisodeScorer, LearningPoint

__all__ = ["CurveRecorder"]

_RECENT_EPISODES = 32


class CurveRecorder:
    """Gathers one learning point per candidate and rollout.

    Args:
        num_candidates: size of the population.
        num_envs: environments per candidate.
        score_episode: judges the episodes that end.
    """

    def __init__(self, num_candidates: int, num_envs: int, score_episode: EpisodeScorer) -> None:
        self._points: list[list[LearningPoint]] = [[] for _ in range(num_candidates)]
        self._ended: list[list[EpisodeScore]] = [[] for _ in range(num_candidates)]
        self._recent: list[deque[float]] = [deque(maxlen=_RECENT_EPISODES) for _ in range(num_candidates)]
        self._means: list[tuple[float, dict[str, float]]] = [(0.0, {}) for _ in range(num_candidates)]
        self._score_episode = score_episode
        self._recorders = [EpisodeRecorder(num_envs, partial(self._judge, index)) for index in range(num_candidates)]

    def record(
        self,
        index: int,
        rollout: TransitionBlock,
        is_reset: NDArray[np.bool_],
        reward: NDArray[np.float32],
        terms: Mapping[str, NDArray[np.float32]],
    ) -> None:
        """Takes in one candidate's rollout.

        Args:
            index: the candidate.
            rollout: columns of shape (num_steps, num_envs, ...).
            is_reset: Shape: (num_steps, num_envs).
            reward: 0 on reset steps. Shape: (num_steps, num_envs).
            terms: weighted contributions. Shape of each: (num_steps * num_envs,).
        """
        self._recorders[index].record(rollout, is_reset)
        live = ~is_reset.reshape(-1)
        num_live = max(1, int(live.sum()))
        means = {name: float(term[live].sum() / num_live) for name, term in terms.items()}
        self._means[index] = float(reward.sum() / num_live), means

    def close_stretch(self, timesteps: int) -> None:
        """Makes a point of what was recorded since the last one.

        Args:
            timesteps: env steps per candidate so far.
        """
        for points, ended, (reward, terms) in zip(self._points, self._ended, self._means, strict=True):
            points.append(LearningPoint(timesteps, reward, terms, tuple(ended)))
            ended.clear()

    def points(self, index: int) -> list[LearningPoint]:
        """Gives a candidate's curve.

        Args:
            index: the candidate.
        """
        return self._points[index]

    def newest_fitness(self) -> list[float | None]:
        """Gives each candidate's mean fitness over its newest episodes; none before the first has ended."""
        return [float(np.mean(recent)) if recent else None for recent in self._recent]

    def _judge(self, index: int, episode: TransitionBlock) -> None:
        score = self._score_episode(episode)
        self._ended[index].append(score)
        self._recent[index].append(score.fitness)
