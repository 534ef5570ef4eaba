"""What every planner does."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from skillwright.agents.run_types import Plan, RunRequest
from skillwright.envs import EnvCard
from skillwright.skills.skill import Skill

__all__ = ["MAX_SUB_TASKS", "Failure", "Planner"]

MAX_SUB_TASKS: Final = 8
"""Most sub-tasks of one plan."""


class Failure(NamedTuple):
    """A plan whose parts failed together."""

    plan: Plan
    skills: Sequence[Skill]
    """Of each sub-task, the skill that acted."""
    weakest: int
    """Index of the sub-task that most often was not done when its turn came."""
    outcome: str
    """How far the parts came, in lines."""


class Planner(Protocol):
    """Splits a sentence into sub-tasks."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    def plan(self, request: RunRequest, card: EnvCard) -> Plan:
        """Plans a request.

        Args:
            request: what the person asked for.
            card: the world they named.

        Returns:
            The plan; whatever a sub-task depends on stands before it.

        Raises:
            NotFound: the card does not have the task that was asked for.
            BudgetExceeded: a limit does not allow the question to the model.
            ModelUnavailable: the model cannot be reached, or replies with nothing that is a plan.
        """
        ...

    def replan(self, request: RunRequest, card: EnvCard, failure: Failure) -> Plan:
        """Plans a request anew after its parts failed together.

        Args:
            request: what the person asked for.
            card: the world they named.
            failure: the newest plan, and how far it came.

        Returns:
            Another plan; whatever a sub-task depends on stands before it.

        Raises:
            BudgetExceeded: a limit does not allow the question to the model.
            ModelUnavailable: the model cannot be reached, or replies with nothing that is a plan.
        """
        ...
