"""What a learner is given and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Backend, EnvCard, TransitionBlock
from skillwright.learners.policy import Policy
from skillwright.learners.racing import Race

__all__ = [
    "STRETCH_TIMESTEPS",
    "Checkpoints",
    "Entrant",
    "EpisodeScore",
    "EpisodeScorer",
    "Learner",
    "LearningPoint",
    "NoCheckpoints",
    "Problem",
    "Reporter",
    "RewardSource",
    "ScoredBlock",
    "TrainedPolicy",
    "TrainingPlan",
]


STRETCH_TIMESTEPS: Final = 1_000_000
"""Env steps of a population between two checkpoints; more than that no lost worker takes with it."""


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
        ...


class EpisodeScore(NamedTuple):
    """How one episode went, by the judges of the task."""

    success: bool | None
    """None if the task has no success program."""
    fitness: float
    env_return: float
    """Sum of the environment's own reward."""
    length: int
    """Env steps."""


EpisodeScorer = Callable[[Sequence[TransitionBlock]], list[EpisodeScore]]
"""Judges whole episodes, each in time order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A world and how its episodes are judged; rewards come beside it, one per candidate."""

    card: EnvCard
    """The world."""
    score_episodes: EpisodeScorer
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
    """Scores of episodes that ended in this stretch, under the exploring policy; of very many, a part."""


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
    dropped: str = ""
    """Why it left the race early, if it did; its policy is what it was then."""


class Reporter(Protocol):
    """Hears about training while it goes on."""

    def __call__(self, timesteps: int, fitness: float | None) -> None:
        """Takes the newest state, once per rollout.

        Args:
            timesteps: env steps so far, all candidates together.
            fitness: best candidate's mean fitness over its newest training episodes; none before one has ended.
        """


class Entrant(NamedTuple):
    """A candidate as a learner sees it."""

    reward: RewardSource
    seed: int
    """Of everything random in its training; entrants with one seed meet the same worlds (common random numbers)."""
    start: Policy | None = None
    """Where its actor and its observation statistics begin; by default at random."""


class Checkpoints(Protocol):
    """Keeps the newest state of one training."""

    def load(self) -> bytes | None:
        """Gives what was saved last; none at the beginning."""
        ...

    def save(self, state: bytes) -> None:
        """Keeps a state.

        Args:
            state: what ``load`` shall give.
        """
        ...


class NoCheckpoints:
    """For a training that is short enough to begin anew."""

    def load(self) -> None:
        """Gives nothing."""

    def save(self, state: bytes) -> None:
        """Keeps nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How long to train, whom to drop on the way, and where."""

    total_timesteps: int
    """Env steps of a candidate that is never dropped."""
    race: Race = field(default_factory=Race)
    """Who is dropped when; by default nobody."""
    report: Reporter
    """Hears about progress."""
    stretch_timesteps: int = STRETCH_TIMESTEPS
    """Env steps, all candidates together, between two checkpoints; at each, candidates enter fresh worlds."""
    checkpoints: Checkpoints = field(default_factory=NoCheckpoints)
    """Keeps the state; a training whose checkpoint is there goes on from it, and ends bit for bit the same."""
    device: str = "cpu"
    """Where the networks are computed, as torch names it."""


class Learner(Protocol):
    """Trains a population: candidates that share world and architecture and differ in reward and seed."""

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two updates; budgets are rounded to them."""
        ...

    def train(self, problem: Problem, entrants: Sequence[Entrant], plan: TrainingPlan) -> list[TrainedPolicy]:
        """Trains one policy per entrant.

        Args:
            problem: the world and its judges.
            entrants: the candidates.
            plan: how long, and whom to drop.

        Returns:
            One result per entrant, in order. The same arguments give identical arrays on the same machine.
        """
        ...
