"""Plans with a language model; what it writes is checked against the world and the library."""

from dataclasses import dataclass
from typing import Final

from skillwright.agents.planners.beginnings import observe_beginnings
from skillwright.agents.planners.card_planner import find_composite
from skillwright.agents.planners.checks import Outlook, PlanRefused, check_plan, in_order
from skillwright.agents.planners.protocol import MAX_SUB_TASKS, Failure, Planner
from skillwright.agents.planners.reply import WrittenPlan
from skillwright.agents.planners.usable_skills import retrieve_skills, usable_skills
from skillwright.agents.run_types import OWN_WORDS, Plan, RunRequest
from skillwright.core.tracing import annotate, traced
from skillwright.envs import EnvCard
from skillwright.envs.describing import describe_card
from skillwright.llm.asking import Asker
from skillwright.skills.library import Library
from skillwright.skills.skill import Skill

__all__ = ["LLMPlanner"]

ROLE: Final = "planner"
_TEMPLATE: Final = "planner/plan.md"
_NUM_TURNS: Final = 2
"""The first plan, and one repair of it."""
_NUM_SHOWN: Final = 5
"""Most skills that the model is shown."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """A plan that was refused, as the next question shows it."""

    plan: str
    problems: str


class LLMPlanner:
    """Plans with a language model, and lets another planner plan where the model's plan is refused twice.

    Refused is what ``check_plan`` refuses. A model that cannot be reached, or that never replies with a plan at all,
    is an error: there the person has to act.

    Args:
        asker: asks the model.
        library: shown to the model as far as it can serve.
        otherwise: plans where the model cannot, and where the person has named the task themselves.
    """

    name = "LLMPlanner"

    def __init__(self, asker: Asker, library: Library, *, otherwise: Planner) -> None:
        self._asker = asker
        self._library = library
        self._otherwise = otherwise

    @traced("plan")
    def plan(self, request: RunRequest, card: EnvCard) -> Plan:
        """Plans a request; see ``Planner.plan``."""
        annotate(planner=self.name)
        if request.task is not None:
            return self._otherwise.plan(request, card)
        known = find_composite(self._library, request, card)
        return known or self._ask(request, card, None)

    @traced("replan")
    def replan(self, request: RunRequest, card: EnvCard, failure: Failure) -> Plan:
        """Shows the model how far its plan came; see ``Planner.replan``."""
        return self._ask(request, card, failure)

    def _ask(self, request: RunRequest, card: EnvCard, failure: Failure | None) -> Plan:
        outlook = Outlook(
            card=card,
            skills=usable_skills(self._library, card) if request.reuse or failure else {},
            beginnings=observe_beginnings(card),
        )
        refused: list[_Refused] = []
        for _turn in range(_NUM_TURNS):
            variables = {**_variables(request, outlook, refused), "failure": failure}
            written = self._asker.ask_one(_TEMPLATE, variables, WrittenPlan, role=ROLE)
            sub_tasks = [one.sub_task for one in written.sub_tasks]
            try:
                check_plan(sub_tasks, outlook)
            except PlanRefused as problem:
                refused.append(_Refused(written.model_dump_json(indent=1), str(problem)))
                continue
            return Plan(
                text=request.text, planner=self.name, sub_tasks=in_order(sub_tasks), rationale=written.rationale
            )
        return self._fall_back(request, card, failure, refused[-1].problems)

    def _fall_back(self, request: RunRequest, card: EnvCard, failure: Failure | None, problems: str) -> Plan:
        """Has the other planner plan, and says so first."""
        other = self._otherwise
        plan = other.replan(request, card, failure) if failure else other.plan(request, card)
        why = (
            f"{self._otherwise.name} planned, because the plans of {self._asker.model.spec} were refused {_NUM_TURNS} "
            f"times; what was wrong with the last one:\n{problems}\n"
        )
        self._asker.said(why.partition("; what")[0] + ".")
        return plan.model_copy(update={"rationale": why + plan.rationale})


def _variables(request: RunRequest, outlook: Outlook, refused: list[_Refused]) -> dict[str, object]:
    """Gives what the prompt names."""
    card, beginnings = outlook.card, outlook.beginnings
    return {
        "world": describe_card(card),
        "env": card.id,
        "text": request.text,
        "tasks": {name: task.text for name, task in card.tasks.items()},
        "skills": [_shown(skill) for skill in retrieve_skills(outlook.skills, request.text, limit=_NUM_SHOWN)],
        "beginnings": {name: _span(*beginnings.bounds(name)) for name in card.fields} if beginnings else {},
        "own_words": OWN_WORDS,
        "max_sub_tasks": MAX_SUB_TASKS,
        "refused": refused,
    }


def _shown(skill: Skill) -> dict[str, str]:
    evidence = skill.evidence
    rate = "" if evidence.success_rate is None else f"succeeds in {evidence.success_rate:.0%} of "
    return {
        "reference": skill.reference,
        "task": skill.task,
        "text": " ".join(skill.lineage.task_text.split()),
        "evidence": f"{rate}{evidence.num_episodes} held-out episodes, fitness {evidence.fitness:.3g}",
    }


def _span(low: float, high: float) -> str:
    return f"{low:.2g} to {high:.2g}"
