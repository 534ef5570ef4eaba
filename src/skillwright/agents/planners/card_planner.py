"""Plans without a language model: by the words of the card and of the library."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from skillwright.agents.planners.card_tasks import choose_task, fingerprint, match_task
from skillwright.agents.planners.protocol import MAX_SUB_TASKS, Failure
from skillwright.agents.planners.sentence import split_sentence
from skillwright.agents.planners.usable_skills import usable_skills
from skillwright.agents.run_types import OWN_WORDS, Plan, RunRequest, SubTask
from skillwright.core.tracing import annotate, traced
from skillwright.envs import EnvCard
from skillwright.skills.library import Library
from skillwright.skills.skill import Skill

__all__ = ["CardPlanner", "find_composite"]


class _Part(NamedTuple):
    """A part of a sentence."""

    text: str
    task: str
    """Name of the card's task that it means; ``OWN_WORDS``: none for certain."""


class CardPlanner:
    """Plans without a language model: finds the card's task that the sentence is nearest to, and a skill that has it.

    A task that the sentence calls by its name is nearest, the one named first if there are several; else the one with
    most words in common, as stems. A sentence that has no word of any gets the card's first task, and the plan says so.

    Where it may split, a sentence such as "hover, then land" becomes a sub-task for each part. A part that fits none of
    the card's tasks, or two of them equally well, is kept in the person's own words, and the plan says so.

    Args:
        library: searched for skills that serve already.
        splits: whether a sentence may become several sub-tasks; without it, it is always one.
    """

    name = "CardPlanner"

    def __init__(self, library: Library, *, splits: bool = False) -> None:
        self._library = library
        self._splits = splits

    @traced("plan")
    def plan(self, request: RunRequest, card: EnvCard) -> Plan:
        """Plans a request; see ``Planner.plan``."""
        annotate(planner=self.name)
        parts: Sequence[_Part] = []
        known = find_composite(self._library, request, card) if self._splits else None
        if known:
            return known
        if self._splits and request.task is None:
            parts = _merged(_Part(text, _certain_task(text, card)) for text in split_sentence(request.text))
        is_known = any(part.task != OWN_WORDS for part in parts)
        if 1 < len(parts) <= MAX_SUB_TASKS and is_known:
            return self._plan_parts(parts, request, card)
        plan = self._plan_whole(request, card)
        if len(parts) > MAX_SUB_TASKS:
            remark = f" It asks for {len(parts)} things, and a plan has at most {MAX_SUB_TASKS}; it is taken as one."
            plan = plan.model_copy(update={"rationale": plan.rationale + remark})
        return plan

    def replan(self, request: RunRequest, card: EnvCard, failure: Failure) -> Plan:
        """Keeps the plan, and has the part that fails most made anew; see ``Planner.replan``."""
        sub_tasks = [
            one.model_copy(update={"reuse": skill.reference if index != failure.weakest else None})
            for index, (one, skill) in enumerate(zip(failure.plan.sub_tasks, failure.skills, strict=True))
        ]
        rationale = f"{failure.plan.sub_tasks[failure.weakest].text!r} fails most, so another skill is made for it."
        return Plan(text=request.text, planner=self.name, sub_tasks=sub_tasks, rationale=rationale)

    def _plan_whole(self, request: RunRequest, card: EnvCard) -> Plan:
        """Takes the sentence as one sub-task."""
        task, rationale = choose_task(request, card)
        skill = self._library.find_for(card.id, task, request.text) if request.reuse else None
        if skill and skill.card != fingerprint(card):
            rationale += f" The library's {skill.reference} was made with another version of the card."
            skill = None
        if skill:
            rationale += f" The library already has it: {skill.reference}."
        sub_task = _sub_task(0, _Part(request.text, task), card, skill)
        return Plan(text=request.text, planner=self.name, sub_tasks=[sub_task], rationale=rationale)

    def _plan_parts(self, parts: Sequence[_Part], request: RunRequest, card: EnvCard) -> Plan:
        """Makes a sub-task of each part, one after the other."""
        usable = list(usable_skills(self._library, card).values()) if request.reuse else []
        sub_tasks, reasons = [], [f"The sentence asks for {len(parts)} things, one after the other."]
        for index, part in enumerate(parts):
            skill = self._serving(part, card, usable)
            sub_tasks.append(_sub_task(index, part, card, skill))
            reasons.append(_reason(index, part, skill))
        return Plan(text=request.text, planner=self.name, sub_tasks=sub_tasks, rationale=" ".join(reasons))

    def _serving(self, part: _Part, card: EnvCard, usable: Sequence[Skill]) -> Skill | None:
        """Finds the skill of this very part, else the newest that passed the same test."""
        of_task = [skill for skill in usable if skill.task == part.task]
        same = self._library.find_for(card.id, part.task, part.text) if of_task else None
        return same if same and same.card == of_task[0].card else next(iter(of_task), None)


def find_composite(library: Library, request: RunRequest, card: EnvCard) -> Plan | None:
    """Plans with a skill that was composed for this very sentence.

    Args:
        library: may have it.
        request: what the person asked for.
        card: the world they named.

    Returns:
        None if there is none, or if the person named the task or wants a new skill.
    """
    if request.task is not None or not request.reuse:
        return None
    skill = library.find_for(card.id, None, request.text)
    if skill is None or not skill.parts or skill.card != fingerprint(card):
        return None
    sub_task = _sub_task(0, _Part(request.text, skill.task), card, skill)
    rationale = f"The library already has all of it, composed: {skill.reference}."
    return Plan(text=request.text, planner=CardPlanner.name, sub_tasks=[sub_task], rationale=rationale)


def _merged(parts: Iterable[_Part]) -> list[_Part]:
    """Joins neighbours that mean the same task."""
    merged: list[_Part] = []
    for part in parts:
        if merged and part.task != OWN_WORDS and merged[-1].task == part.task:
            merged[-1] = _Part(f"{merged[-1].text}, then {part.text}", part.task)
        else:
            merged.append(part)
    return merged


def _certain_task(text: str, card: EnvCard) -> str:
    match = match_task(text, card)
    return match.name if match.is_certain else OWN_WORDS


def _sub_task(index: int, part: _Part, card: EnvCard, skill: Skill | None) -> SubTask:
    task = card.tasks.get(part.task)
    return SubTask(
        id=f"step_{index + 1}",
        text=part.text,
        env_id=card.id,
        task=part.task,
        reuse=skill.reference if skill else None,
        changes=_judged_fields(task.success or task.fitness, card) if task else (),
        start="where an episode begins" if index == 0 else f"where step_{index} ends",
        success=task.text if task else part.text,
        depends_on=() if index == 0 else (f"step_{index}",),
    )


def _judged_fields(judge: str, card: EnvCard) -> tuple[str, ...]:
    """Lists the fields that a task is judged by: those are what it brings about."""
    named = dict.fromkeys(re.findall(r"\bn\.([a-z]\w*)", judge))
    return tuple(name for name in named if name in card.fields)


def _reason(index: int, part: _Part, skill: Skill | None) -> str:
    if part.task == OWN_WORDS:
        return f"{index + 1}: no task of the card fits {part.text!r} for certain; a model must write what judges it."
    served = f", which the library already has: {skill.reference}" if skill else ""
    return f"{index + 1}: {part.text!r} means {part.task}{served}."
