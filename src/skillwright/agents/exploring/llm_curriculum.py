"""Chooses what to learn next with a language model, as Voyager's automatic curriculum does."""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from skillwright.agents.exploring.goals import Curriculum, Experience, Goal, Outcome
from skillwright.core import ModelRetry
from skillwright.envs.describing import describe_card
from skillwright.llm.asking import Asker
from skillwright.skills import Skill

__all__ = ["LLMCurriculum"]

ROLE: Final = "curriculum"
_TEMPLATE: Final = "curriculum/next_task.md"
_NUM_TURNS: Final = 2
_MOST_SHOWN: Final = 20


class _NextTask(BaseModel):
    """A reply."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rationale: str = Field(min_length=1, max_length=4000)
    """Why this task comes now: what it builds on, and what it opens."""
    text: str = Field(min_length=3, max_length=500)
    """The task, in a sentence that stands alone."""
    task: str | None
    """Name of the card's task that judges it; null if none does, or if several are to be done one after the other."""


class _Refused(ModelRetry):
    """Says why a task is not taken."""


class LLMCurriculum:
    """Asks a language model (Wang et al. 2023, arXiv:2305.16291, section 2.1).

    Deviation: what the model sets has to be judged by code, the card's or such as a model writes and recorded episodes
    confirm; and where it sets nothing new twice, the other curriculum chooses.

    Args:
        asker: asks the model.
        otherwise: chooses where the model cannot.
        can_judge_own_words: whether a model is there that writes what judges a task in free words.
    """

    name = "LLMCurriculum"

    def __init__(self, asker: Asker, otherwise: Curriculum, *, can_judge_own_words: bool) -> None:
        self._asker = asker
        self._otherwise = otherwise
        self._can_judge_own_words = can_judge_own_words

    def next_goal(self, experience: Experience) -> Goal:
        """Chooses a goal; see ``Curriculum.next_goal``."""
        refused: list[dict[str, str]] = []
        for _turn in range(_NUM_TURNS):
            written = self._asker.ask_one(_TEMPLATE, self._variables(experience, refused), _NextTask, role=ROLE)
            try:
                return self._goal(written, experience)
            except _Refused as problem:
                refused.append({"text": written.text, "problem": str(problem)})
        self._asker.said(f"{self._otherwise.name} chooses, because the model set nothing that can be learned.")
        return self._otherwise.next_goal(experience)

    def _goal(self, written: _NextTask, experience: Experience) -> Goal:
        plain = " ".join(written.text.split())
        if plain.casefold() in {goal.text.casefold() for goal, outcome in experience.past if outcome.is_verified}:
            raise _Refused("This is learned already; set another task.")
        tasks = experience.card.tasks
        if written.task is not None and written.task not in tasks:
            raise _Refused(f"The card has no task {written.task!r}; it has {', '.join(tasks)}. Name one, or null.")
        if written.task is None and not self._can_judge_own_words and not _names_tasks(plain, tasks):
            raise _Refused("Nobody can write what judges it; name a task of the card, or several with `then` between.")
        before = [(goal, outcome) for goal, outcome in experience.past if goal.text.casefold() == plain.casefold()]
        return Goal(
            text=plain,
            task=written.task,
            kind="again" if before else "task" if written.task else "own words",
            reason=written.rationale,
            from_run=before[-1][1].run_id if before and written.task else None,
            effort=2 * before[-1][0].effort if before else 1,
        )

    def _variables(self, experience: Experience, refused: list[dict[str, str]]) -> dict[str, object]:
        return {
            "world": describe_card(experience.card),
            "tasks": {name: task.text for name, task in experience.card.tasks.items()},
            "skills": [_skill_line(skill) for skill in experience.skills[:_MOST_SHOWN]],
            "past": [_past_line(goal, outcome) for goal, outcome in experience.past][-_MOST_SHOWN:],
            "own_words": self._can_judge_own_words,
            "refused": refused,
        }


def _names_tasks(text: str, tasks: Iterable[str]) -> bool:
    return any(name.replace("_", " ") in text.casefold() for name in tasks)


def _skill_line(skill: Skill) -> str:
    return f'`{skill.reference}`: "{" ".join(skill.lineage.task_text.split())}"'


def _past_line(goal: Goal, outcome: Outcome) -> str:
    rate = "" if outcome.success_rate is None else f", succeeded in {outcome.success_rate:.0%} of its test"
    state = (
        "learned" if outcome.is_verified else f"not learned: {outcome.problem}" if outcome.problem else "not learned"
    )
    return f'"{goal.text}": {state}{rate}'
