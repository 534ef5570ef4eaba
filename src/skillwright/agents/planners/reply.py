"""What a language model replies when it is asked for a plan."""

from pydantic import BaseModel, ConfigDict, Field

from skillwright.agents.run_types import Condition, SubTask

__all__ = ["PlannedSubTask", "WrittenPlan"]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedCondition(_Reply):
    """A bound on one field of the state."""

    field: str
    component: int | None
    at_least: float | None
    at_most: float | None


class PlannedSubTask(_Reply):
    """One sub-task."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    text: str
    env: str
    task: str
    changes: list[str]
    start: str
    starts_where: list[PlannedCondition]
    success: str
    reuse: str | None
    depends_on: list[str]

    @property
    def sub_task(self) -> SubTask:
        """The same as a plan holds it."""
        return SubTask(
            id=self.id,
            text=self.text,
            env_id=self.env,
            task=self.task,
            reuse=self.reuse or None,
            changes=tuple(dict.fromkeys(self.changes)),
            start=self.start,
            starts_where=tuple(Condition(**one.model_dump()) for one in self.starts_where),
            success=self.success,
            depends_on=tuple(dict.fromkeys(self.depends_on)),
        )


class WrittenPlan(_Reply):
    """A plan."""

    rationale: str = Field(max_length=4000)
    """Why these sub-tasks, in a few sentences."""
    sub_tasks: list[PlannedSubTask]
    """In the order in which they are carried out."""
