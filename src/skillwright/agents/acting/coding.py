"""Has a language model write a skill as a program, and repair it against the world.

The loop of Voyager (Wang et al. 2023, arXiv:2305.16291, section 2.3): the program is run, and what it did, where it
failed and what the judge says of it go back to the model, usually at most four times. Deviation: the judge is the
task's own success program where there is one, over several seeds of the world at once.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from skillwright.agents.acting.calls import called_names
from skillwright.agents.acting.performer import Troupe
from skillwright.agents.acting.trial import ProgramTask, Tried, try_program
from skillwright.core import ProgramRejected
from skillwright.envs.describing import describe_card
from skillwright.learners.worlds import selection_seeds
from skillwright.llm.asking import Asker
from skillwright.llm.reply_forms import PythonCode
from skillwright.skills import Skill

__all__ = ["ROLE", "Attempt", "WrittenSkill", "write_skill"]

ROLE: Final = "coder"
_TEMPLATE: Final = "coder/skill.md"
_NUM_EPISODES: Final = 8
_NUM_JUDGED: Final = 3
"""Episodes of an attempt where a model judges each."""
_LONGEST_TRACE: Final = 12


class WrittenSkill(BaseModel):
    """A skill program and the idea behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rationale: str = Field(min_length=1, max_length=10_000)
    """What went wrong before, if anything, and how this program does the task; a few sentences."""
    source: PythonCode = Field(min_length=1, max_length=20_000)
    """Python source of ``skill(s, run)``, the whole of it."""

    @field_validator("source")
    @classmethod
    def _is_in_the_language(cls, source: str) -> str:
        try:
            called_names(source)
        except ProgramRejected as error:
            raise ValueError(str(error)) from None
        return source


class Attempt(BaseModel):
    """A program and what came of it, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    success_rate: float
    fitness: float
    """Mean over the episodes; minus infinity if none took a step."""
    num_steps: int
    """Env steps of all its episodes."""
    critique: str
    """What the model is told."""


def write_skill(
    task: ProgramTask, troupe: Troupe, skills: Sequence[Skill], asker: Asker, *, num_turns: int
) -> list[Attempt]:
    """Has a program written, and repaired until it passes or the turns are used up.

    Args:
        task: what it is for, and what judges it.
        troupe: the skills that may act.
        skills: those the model is shown.
        asker: asks the model.
        num_turns: most programs it writes.

    Returns:
        All attempts, at least one, in their order.

    Raises:
        BudgetExceeded: a limit does not allow the request.
        ModelUnavailable: the model cannot be reached, or writes nothing in the language.
    """
    attempts: list[Attempt] = []
    required = task.card.tasks[task.task].required_success_rate
    while len(attempts) < num_turns:
        variables = {
            "world": describe_card(task.card),
            "task": task.text or task.card.tasks[task.task].text,
            "horizon": task.step_limit,
            "skills": skills,
            "attempts": attempts,
        }
        written = asker.ask_one(_TEMPLATE, variables, WrittenSkill, role=ROLE)
        attempts.append(_attempt(written.source, task, troupe))
        if attempts[-1].success_rate >= required:
            break
    return attempts


def _attempt(source: str, task: ProgramTask, troupe: Troupe) -> Attempt:
    """Runs a program on the worlds that attempts are compared on."""
    seeds = selection_seeds(_NUM_EPISODES if task.judge is None else _NUM_JUDGED)
    try:
        episodes = list(try_program(source, task, troupe, seeds))
    except ProgramRejected as error:
        return Attempt(source=source, success_rate=0.0, fitness=-np.inf, num_steps=0, critique=str(error))
    scores = [one.score for one in episodes if one.score]
    return Attempt(
        source=source,
        success_rate=sum(one.has_succeeded for one in episodes) / len(episodes),
        fitness=float(np.mean([score.fitness for score in scores])) if scores else -np.inf,
        num_steps=sum(score.length for score in scores),
        critique=_critique(episodes),
    )


def _critique(episodes: Sequence[Tried]) -> str:
    """Says what the judge says, and tells the worst episode step by step."""
    num = sum(one.has_succeeded for one in episodes)
    fitness = ", ".join(f"{one.score.fitness:.4g}" if one.score else "none" for one in episodes)
    worst = min(episodes, key=lambda one: (one.has_succeeded, _fitness(one)))
    lines = [f"{num} of {len(episodes)} episodes succeeded. Their fitness: {fitness}.", "The worst episode:"]
    for deed in worst.deeds[:_LONGEST_TRACE]:
        outcome = {True: "its own task was done", False: "its own task was not done", None: "nobody judges it"}
        options = "".join(f", {name}={value:g}" for name, value in deed.options.items())
        lines.append(
            f'- from step {deed.first_step}: run("{deed.skill}"{options}) took {deed.num_steps} steps; '
            f"{outcome[deed.succeeded]}"
        )
    if len(worst.deeds) > _LONGEST_TRACE:
        lines.append(f"- and {len(worst.deeds) - _LONGEST_TRACE} more")
    if worst.problem:
        lines.append(f"It stopped: {worst.problem}")
    if worst.verdict is not None:
        lines.append(f"The judge, who read its fields: {worst.verdict.reason} {worst.verdict.critique}".rstrip())
    state = ", ".join(
        f"{name}={np.array2string(np.asarray(value), precision=4)}" for name, value in worst.last_state.items()
    )
    return "\n".join([*lines, f"Its last state: {state}"])


def _fitness(tried: Tried) -> float:
    return tried.score.fitness if tried.score else -np.inf
