"""What every population has in common, whatever its members learn by: who is in the race, who has left it, and how."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skillwright.learners.curve import CurveRecorder
from skillwright.learners.policy import Policy
from skillwright.learners.problem import Entrant, EpisodeScorer, TrainedPolicy
from skillwright.learners.racing import Race

__all__ = ["Contest", "Member", "enter"]


@dataclass(slots=True, kw_only=True)
class Member:
    """One candidate that is still in the race."""

    index: int
    """Its place among the entrants."""
    entrant: Entrant
    curve: CurveRecorder
    failure: str = ""
    """Why it was ended, if it was; its environments run on, but it learns nothing from them."""


def enter(entrants: Sequence[Entrant], num_envs: int, score_episodes: EpisodeScorer) -> list[Member]:
    """Makes the members before their first env step.

    Args:
        entrants: the candidates.
        num_envs: environments of each.
        score_episodes: judges their training episodes.
    """
    return [
        Member(index=index, entrant=entrant, curve=CurveRecorder(num_envs, score_episodes))
        for index, entrant in enumerate(entrants)
    ]


class Contest(ABC):
    """The members of a race, and what became of those who left it.

    Args:
        members: the candidates.
        rollout_timesteps: env steps of each in one rollout.
    """

    def __init__(self, members: list[Member], rollout_timesteps: int) -> None:
        self.members = members
        self.finished: dict[int, TrainedPolicy] = {}
        self.num_rollouts = 0
        self.spent = 0
        """Env steps so far, all candidates together."""
        self.stretch = 0
        """Counts how often the members have entered fresh worlds."""
        self._rollout_timesteps = rollout_timesteps

    @property
    def timesteps(self) -> int:
        """Env steps of each member so far."""
        return self.num_rollouts * self._rollout_timesteps

    @property
    def is_lost(self) -> bool:
        """Whether every member has failed."""
        return all(member.failure for member in self.members)

    @abstractmethod
    def enter_worlds(self) -> None:
        """Makes the environments of all members anew."""

    @abstractmethod
    def leave_worlds(self) -> None:
        """Frees the environments at the end of a stretch."""

    @abstractmethod
    def close(self) -> None:
        """Frees the environments at the end of the training."""

    @abstractmethod
    def keep(self, positions: Sequence[int]) -> None:
        """Lets all other members go.

        Args:
            positions: of those who stay.
        """

    @abstractmethod
    def policy(self, position: int) -> Policy:
        """Gives what a member has become.

        Args:
            position: of the member.
        """

    def count_rollout(self) -> None:
        """Takes note that every member has lived through one more rollout."""
        self.num_rollouts += 1
        self.spent += self._rollout_timesteps * len(self.members)

    def best_fitness(self) -> float | None:
        """Gives the best member's mean fitness over its newest training episodes; none before one has ended."""
        return max((value for value in self._fitness() if value is not None), default=None)

    def narrow(self, race: Race) -> None:
        """Ends a heat: the best members stay, the others finish.

        Args:
            race: says who stays.
        """
        kept = race.survivors(self._fitness())
        dropped = [position for position in range(len(self.members)) if position not in kept]
        self._finish(dropped, f"dropped after {self.timesteps:,} env steps: {len(kept)} others had a higher fitness")
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
                policy=None if member.failure else self.policy(position),
                timesteps=self.timesteps,
                curve=member.curve.points,
                failure=member.failure,
                dropped="" if member.failure else dropped,
            )

    def _fitness(self) -> list[float | None]:
        """Gives each member's newest fitness; none for a failed one."""
        return [None if member.failure else member.curve.newest_fitness() for member in self.members]
