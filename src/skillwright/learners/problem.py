"""What a learner is given and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Backend, EnvCard, TransitionBlock
from skillwright.learners.policy import Policy

__all__ = [
    "EpisodeScore",
    "EpisodeScorer",
    "Learner",
    "LearningPoint",
    "Problem",
    "Reporter",
    "RewardSource",
    "ScoredBlock",
    "TrainedPolicy",
]


class ScoredBlock(NamedTuple):
    """The reward of a block of transitions and what it is made of."""

    reward: NDArray[np.float32]
    """Shape: (num_transitions,)."""
    terms: Mapping[str, NDArray[np.float32]]
    """Weighted contribution of each named term; they sum to the reward. Shape of each: (num_transitions,)."""


class RewardSource(Protocol):
    """Scores transitions: a program, a learned preference, or the environment's own reward."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block.

        Args:
            block: transitions of any episodes, in any order.

        Returns:
            Finite rewards and terms.

        Raises:
            ProgramFailed: the source raised or broke its contract; ends this candidate, not the population.
        """


class EpisodeScore(NamedTuple):
    """How one episode went, by the judges of the task."""

    success: bool | None
    """None if the task has no success program."""
    fitness: float
    env_return: float
    """Sum of the environment's own reward."""
    length: int
    """Env steps."""


EpisodeScorer = Callable[[TransitionBlock], EpisodeScore]
"""Judges one whole episode in time order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A world and how its episodes are judged; rewards come beside it, one per candidate."""

    card: EnvCard
    """The world."""
    score_episode: EpisodeScorer
    """Judges training episodes; what it says is reported, never learned from."""
    backend: Backend = "auto"
    """Vector backend; see ``skillwright.envs.make_vector_env``."""


class LearningPoint(NamedTuple):
    """Means over one stretch of training of one candidate."""

    timesteps: int
    """Env steps of this candidate since its training began."""
    reward: float
    """Mean reward per transition, before normalisation."""
    terms: Mapping[str, float]
    """Mean weighted contribution of each term per transition."""
    episodes: tuple[EpisodeScore, ...]
    """Scores of the episodes that ended in this stretch, under the exploring policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedPolicy:
    """What training one candidate gave."""

    policy: Policy | None
    """None if the candidate was ended."""
    timesteps: int
    """Env steps this candidate was trained for."""
    curve: list[LearningPoint] = field(default_factory=list)
    """How it learned, in order."""
    failure: str = ""
    """Why the candidate was ended, if it was."""


class Reporter(Protocol):
    """Hears about training while it goes on."""

    def __call__(self, timesteps: int, fitness: Sequence[float | None]) -> None:
        """Takes the newest state, once per rollout.

        Args:
            timesteps: env steps so far, per candidate.
            fitness: newest mean fitness of each candidate's training episodes; none before the first has ended.
        """


class Learner(Protocol):
    """Trains a population: candidates that share world and architecture and differ in reward and seed."""

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two updates; budgets are rounded to them."""

    def train(
        self,
        problem: Problem,
        rewards: Sequence[RewardSource],
        seeds: Sequence[int],
        *,
        total_timesteps: int,
        report: Reporter,
    ) -> list[TrainedPolicy]:
        """Trains one policy per candidate.

        Args:
            problem: the world and its judges.
            rewards: one per candidate.
            seeds: one per candidate; candidates with the same seed meet the same worlds (common random numbers).
            total_timesteps: env steps per candidate.
            report: hears about progress.

        Returns:
            One result per candidate, in order. The same arguments give identical arrays on the same machine.
        """
