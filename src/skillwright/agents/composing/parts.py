"""Gets a skill for each sub-task of a plan: from the library, judged again, or by a run of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acquiring import Workshop
from skillwright.agents.beginning import begin_run
from skillwright.agents.reusing import judge_again
from skillwright.agents.run_types import OWN_WORDS, Part, RunRecord, RunRequest, SubTask
from skillwright.agents.settled import Settled
from skillwright.core.steps import Steps
from skillwright.llm import Limits, Spending

__all__ = ["Begun", "CarryOut", "PartMaking", "remaining"]

CarryOut = Callable[[str, Limits], RunRecord]
"""Carries a begun run out to its end."""


class Begun(BaseModel):
    """A run that was begun for another, as that one has it journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMaking:
    """Makes or fetches the skills of one composite run."""

    settled: Settled
    steps: Steps
    workshop: Workshop
    carry_out: CarryOut

    def get(self, sub_task: SubTask, attempt: int, spent: list[Spending]) -> Part:
        """Gets the skill of a sub-task; one that did not pass its own test is only judged together with the others.

        Args:
            sub_task: of the plan.
            attempt: index of the plan, from 0; later ones train with other seeds.
            spent: what the parts before it have cost in this sitting's reckoning.

        Raises:
            SkillwrightError: the run that makes it fails; it can be resumed.
        """
        key = f"attempt-{attempt}/{sub_task.id}"
        if sub_task.reuse:
            skill = self.workshop.library.get(sub_task.reuse)
            if skill.status != "verified" or judge_again(
                skill, self.settled, self.steps, self.workshop, key=f"{key}/held-out"
            ):
                return Part(sub_task=sub_task, skill=skill, made=None)
        begun = self.steps.once(f"{key}/run", Begun, lambda: Begun(run_id=self._begin(sub_task, attempt)))
        self.workshop.observer.said(f"{sub_task.text}: run {begun.run_id} makes the skill.")
        record = self.carry_out(begun.run_id, remaining(self.settled.request, self._spent(spent)))
        spent.extend(use.spending for use in record.models)
        return Part(sub_task=sub_task, skill=record.skill, made=record)

    def _begin(self, sub_task: SubTask, attempt: int) -> str:
        request, is_own = self.settled.request, sub_task.task == OWN_WORDS
        changes = {
            "text": sub_task.text,
            "task": None if is_own else sub_task.task,
            "is_own_task": is_own,
            "reuse": False,
            "seed": request.seed + attempt,
        }
        return begin_run(self.workshop.home, request.model_copy(update=changes))

    def _spent(self, parts: list[Spending]) -> list[Spending]:
        return [*parts, *(use.spending for use in self.workshop.crew.uses())]


def remaining(request: RunRequest, spent: Sequence[Spending]) -> Limits:
    """Says what models may still cost.

    Args:
        request: has the limits of the whole.
        spent: so far.
    """
    usd = sum(one.usd for one in spent)
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in spent)
    return Limits(
        max_usd=None if request.max_usd is None else max(request.max_usd - usd, 0.0),
        max_tokens=None if request.max_tokens is None else max(request.max_tokens - tokens, 0),
    )
