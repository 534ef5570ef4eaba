"""What every planner does."""

from typing import Final, Protocol

from skillwright.agents.run_types import Plan, RunRequest
from skillwright.envs import EnvCard

__all__ = ["MAX_SUB_TASKS", "Planner"]

MAX_SUB_TASKS: Final = 8
"""Most sub-tasks of one plan."""


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
