"""What every population has in common, whatever its members learn by: who is in the race, who has left it, and how."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from skillwright.envs import VectorEnv, make_vector_env
from skillwright.learners.actor import Actor
from skillwright.learners.curve import CurveRecorder
from skillwright.learners.normalization import RunningMoments
from skillwright.learners.policy import Policy
from skillwright.learners.problem import Entrant, Problem, TrainedPolicy
from skillwright.learners.racing import Race
from skillwright.learners.worlds import training_seed

__all__ = ["Contest", "Member", "Pace"]


@dataclass(slots=True, kw_only=True)
class Member:
    """One candidate that is still in the race."""

    index: int
    """Its place among the entrants."""
    entrant: Entrant
    curve: CurveRecorder
    failure: str = ""
    """Why it was ended, if it was; its environments run on, but it learns nothing from them."""


class Pace(Protocol):
    """How much a member lives through at a time, whatever it learns by."""

    @property
    def num_envs(self) -> int:
        """Environments of a member."""
        ...

    @property
    def rollout_timesteps(self) -> int:
        """Env steps of a member in one rollout."""
        ...


class Contest(ABC):
    """The members of a race, and what became of those who left it.

    Args:
        problem: the world and its judges.
        entrants: the candidates.
        pace: theirs.
    """

    def __init__(self, problem: Problem, entrants: Sequence[Entrant], pace: Pace) -> None:
        self.problem = problem
        self.members = [
            Member(index=index, entrant=entrant, curve=CurveRecorder(pace.num_envs, problem.score_episodes))
            for index, entrant in enumerate(entrants)
        ]
        self.finished: dict[int, TrainedPolicy] = {}
        self.num_rollouts = 0
        self.spent = 0
        """Env steps so far, all candidates together."""
        self.stretch = 0
        """Counts how often the members have entered fresh worlds."""
        self.moments = RunningMoments(len(entrants), (problem.card.observation_size,))
        """Of the observations."""
        self._pace = pace

    @property
    def rollout_timesteps(self) -> int:
        """Env steps of each member in one rollout."""
        return self._pace.rollout_timesteps

    @property
    def timesteps(self) -> int:
        """Env steps of each member so far."""
        return self.num_rollouts * self.rollout_timesteps

    @property
    def is_lost(self) -> bool:
        """Whether every member has failed."""
        return all(member.failure for member in self.members)

    @abstractmethod
    def improve(self, progress: float) -> None:
        """Has every member live through one rollout and learn from it.

        Args:
            progress: share of the training that is done.
        """

    @abstractmethod
    def begin_stretch(self, env: VectorEnv) -> None:
        """Takes over fresh worlds.

        Everything random from here on must depend on the members' seeds and the number of the stretch alone.

        Args:
            env: those of all members, one member's after another's.
        """

    @abstractmethod
    def actor(self, position: int) -> Actor:
        """Gives what a member acts by.

        Args:
            position: of the member.
        """

    def enter_worlds(self) -> None:
        """Makes the environments of all members anew.

        What is random in a stretch depends on the seeds and the number of the stretch alone, so a training that is
        resumed at its beginning goes on as if it had never stopped. Members of one seed meet the same worlds.
        """
        first = self.stretch * self._pace.num_envs
        envs = range(first, first + self._pace.num_envs)
        worlds = [training_seed(member.entrant.seed, env) for member in self.members for env in envs]
        self._env = make_vector_env(self.problem.card, worlds, backend=self.problem.backend)
        self.begin_stretch(self._env)

    def leave_worlds(self) -> None:
        """Frees the environments at the end of a stretch; the curves forget episodes that were not finished."""
        self.close()
        self.stretch += 1
        for member in self.members:
            member.curve.forget_unfinished_episodes()

    def close(self) -> None:
        """Frees the environments."""
        self._env.close()

    def keep(self, positions: list[int]) -> None:
        """Lets all other members go.

        Args:
            positions: of those who stay.
        """
        self.members = [self.members[position] for position in positions]
        self.moments = self.moments.select(positions)

    def adopt_starts(self, actors: Iterable[Actor]) -> None:
        """Lets members that start from a policy begin with what it does and with the observations it knew.

        Args:
            actors: of all members, in their order.

        Raises:
            ConfigError: a policy has another architecture.
        """
        for position, (member, actor) in enumerate(zip(self.members, actors, strict=True)):
            if start := member.entrant.start:
                actor.adopt(start)
                self.moments.adopt(position, start.tensors["mean"], start.tensors["scale"])

    def count_rollout(self) -> None:
        """Takes note that every member has lived through one more rollout."""
        self.num_rollouts += 1
        self.spent += self.rollout_timesteps * len(self.members)

    def end_diverged(self, positions: Iterable[int]) -> None:
        """Ends members whose networks are no longer finite.

        Args:
            positions: theirs.
        """
        for position in positions:
            member = self.members[position]
            member.failure = member.failure or "its training diverged: the networks are no longer finite"

    def best_fitness(self) -> float | None:
        """Gives the best member's mean fitness over its newest training episodes; none before one has ended."""
        return max((value for value in self._fitness() if value is not None), default=None)

    def narrow(self, race: Race) -> None:
        """Ends a heat: the best members stay, the others finish; a failed one stays behind every other.

        Args:
            race: says who stays.
        """
        standing = [
            -math.inf if fitness is None and not member.failure else fitness
            for fitness, member in zip(self._fitness(), self.members, strict=True)
        ]
        kept = race.survivors(standing)
        dropped = [position for position in range(len(self.members)) if position not in kept]
        others = "1 other" if len(kept) == 1 else f"{len(kept)} others"
        self._finish(dropped, f"dropped after {self.timesteps:,} env steps: {others} had a higher fitness")
        self.keep(kept)

    def finish(self) -> list[TrainedPolicy]:
        """Ends the training.

        Returns:
            What every entrant has become, in the order in which they entered.
        """
        self._finish(range(len(self.members)), "")
        return [self.finished[index] for index in sorted(self.finished)]

    def _finish(self, positions: Iterable[int], dropped: str) -> None:
        for position in positions:
            member = self.members[position]
            self.finished[member.index] = TrainedPolicy(
                policy=None if member.failure else self._policy(position),
                timesteps=self.timesteps,
                curve=member.curve.points,
                failure=member.failure,
                dropped="" if member.failure else dropped,
            )

    def _policy(self, position: int) -> Policy:
        mean, scale = self.moments.mean[position].astype(np.float32), self.moments.scale[position]
        return self.actor(position).to_policy(self.problem.card, mean, scale)

    def _fitness(self) -> list[float | None]:
        """Gives each member's newest fitness; none for a failed one."""
        return [None if member.failure else member.curve.newest_fitness() for member in self.members]
