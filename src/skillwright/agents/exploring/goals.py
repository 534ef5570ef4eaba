"""What an agent wants to learn next, and what became of what it wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from skillwright.agents.run_types import RunRequest
from skillwright.envs import EnvCard
from skillwright.llm import Spending
from skillwright.skills import Skill

__all__ = ["Curriculum", "Experience", "Goal", "Outcome"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Goal(_Record):
    """A task for one run; none, if there is nothing to learn."""

    text: str
    """Empty: nothing is left."""
    task: str | None = None
    """Name of the card's task that judges it; none: the planner splits the text, or a model writes what judges it."""
    kind: Literal["task", "again", "together", "own words", "nothing"]
    reason: str
    """Why this one comes now."""
    from_run: str | None = None
    """Id of the run that failed at it, whose best rewards are tried first."""
    effort: int = 1
    """Times the usual budget."""


class Outcome(_Record):
    """What became of a goal."""

    run_id: str
    skill: str | None
    """``name@version`` that was stored; none if the run failed."""
    is_verified: bool
    success_rate: float | None
    env_steps: int
    """That this took; 0 if the library had the skill."""
    seconds: float
    usd: float = 0.0
    """What models cost in it."""
    tokens: int = 0
    problem: str = ""
    """Why the run failed."""

    @property
    def spending(self) -> Spending:
        """What models cost in it."""
        return Spending(usd=self.usd, prompt_tokens=self.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """What an agent knows when it chooses."""

    request: RunRequest
    """What every run is asked for, but for its task."""
    card: EnvCard
    past: Sequence[tuple[Goal, Outcome]]
    """Of this agent's life, in order."""
    skills: Sequence[Skill]
    """Verified ones of this world and card, newest first."""


class Curriculum(Protocol):
    """Chooses what to learn next."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    def next_goal(self, experience: Experience) -> Goal:
        """Chooses a goal.

        Args:
            experience: what the agent knows.

        Returns:
            The goal, of the kind ``nothing`` if nothing is left to learn.

        Raises:
            BudgetExceeded: a limit does not allow the question to the model.
            ModelUnavailable: the model cannot be reached, or replies with nothing that is a goal.
        """
        ...
