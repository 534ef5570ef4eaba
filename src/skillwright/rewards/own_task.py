"""A task in a person's own words: a model writes the programs that judge it, before any reward is thought of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from skillwright.core import ConfigError, ModelUnavailable
from skillwright.core.errors import ProgramRejected
from skillwright.envs import EnvCard, TaskSpec, TransitionBlock
from skillwright.envs.describing import describe_card
from skillwright.llm.asking import Asker
from skillwright.rewards.judge import Judge
from skillwright.rewards.screens.recording import record_random_episodes
from skillwright.sandbox import check_program

__all__ = ["ROLE", "OwnTask", "WrittenJudges", "with_task", "write_judges"]

ROLE: Final = "verifier"
"""On whose behalf a model is asked; it never sees a reward, and whoever writes rewards never sees what it wrote."""

_TEMPLATE: Final = "verifier/judges.md"
_NUM_TURNS: Final = 4


class WrittenJudges(BaseModel):
    """What a model replies when it is asked how a task can be judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    understood: str = Field(min_length=1, max_length=2000)
    """The task as it was understood, as one sentence that can be measured."""
    success_in_words: str = Field(min_length=1, max_length=2000)
    """When an episode counts as a success, with its numbers and units."""
    success: str = Field(min_length=1, max_length=20_000)
    """Python source of ``success(s, a, n)``."""
    fitness_in_words: str = Field(min_length=1, max_length=2000)
    """What is measured where success is not yet reached, and why more of it is better."""
    fitness: str = Field(min_length=1, max_length=20_000)
    """Python source of ``fitness(s, a, n)``."""

    @field_validator("success", "fitness")
    @classmethod
    def _is_in_the_language(cls, source: str, info: object) -> str:
        try:
            check_program(source, str(getattr(info, "field_name", "")))
        except ProgramRejected as error:
            raise ValueError(str(error)) from None
        return source


class OwnTask(BaseModel):
    """A task with its judges, as journalled; frozen from then on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """Under which it joins the card's tasks."""
    text: str
    """As the person put it."""
    judges: WrittenJudges
    seen: str
    """What the judges say of recorded episodes, in a sentence."""

    def described(self) -> str:
        """Puts it into words for the person who has to confirm it, with both programs below."""
        judges = self.judges
        return (
            f"The task as it was understood: {judges.understood}\n\n"
            f"An episode is a success if: {judges.success_in_words}\n\n"
            f"Otherwise it is better the higher: {judges.fitness_in_words}\n\n"
            f"{self.seen}\n\n{judges.success.strip()}\n\n{judges.fitness.strip()}"
        )

    @property
    def spec(self) -> TaskSpec:
        """The task as a card has it."""
        return TaskSpec(text=self.text, success=self.judges.success, fitness=self.judges.fitness)


@dataclass(frozen=True, slots=True)
class _Tried:
    """Judges that failed, and how."""

    judges: WrittenJudges
    problem: str


def write_judges(card: EnvCard, text: str, name: str, asker: Asker, *, seed: int) -> OwnTask:
    """Has a model write the success and fitness programs of a task, until they can tell recorded episodes apart.

    Args:
        card: the world.
        text: the task as the person put it.
        name: under which the task joins the card's.
        asker: asks the model.
        seed: of the recorded episodes.

    Raises:
        BudgetExceeded: a limit does not allow the request.
        ModelUnavailable: the model cannot be reached, or writes nothing that can judge.
    """
    episodes = record_random_episodes(card, seed=seed)
    tried: list[_Tried] = []
    for _turn in range(_NUM_TURNS):
        variables = {"world": describe_card(card), "task": text, "horizon": card.horizon, "tried": tried}
        judges = asker.ask_one(_TEMPLATE, variables, WrittenJudges, role=ROLE)
        task = OwnTask(name=name, text=text, judges=judges, seen="")
        problem, seen = _try(with_task(card, task), name, episodes)
        if not problem:
            return task.model_copy(update={"seen": seen})
        tried.append(_Tried(judges, problem))
    raise ModelUnavailable(
        f"{asker.model.spec} has written no programs that can judge this task in {_NUM_TURNS} turns; the last reason: "
        f"{tried[-1].problem}; put the task in other words, try another model, or write the programs (docs/cards.md)"
    )


def with_task(card: EnvCard, task: OwnTask) -> EnvCard:
    """Adds a task to a card.

    Args:
        card: the world.
        task: the task.
    """
    return card.model_copy(update={"tasks": {**card.tasks, task.name: task.spec}})


def _try(card: EnvCard, name: str, episodes: Sequence[TransitionBlock]) -> tuple[str, str]:
    """Judges recorded episodes; returns what is wrong with the judges, and else what they say."""
    try:
        scores = Judge(card, name).score(episodes)
    except ConfigError as error:
        return str(error).partition(f"tasks.{name}.")[2] or str(error), ""
    fitness = np.array([score.fitness for score in scores])
    rate = float(np.mean([bool(score.success) for score in scores]))
    if float(np.ptp(fitness)) < 1e-6 * max(1.0, float(np.abs(fitness).max())):
        return f"fitness is {fitness[0]:.6g} for every one of {len(scores)} episodes of random behaviour", ""
    if rate > 0.5:
        return (
            f"success is true for {rate:.0%} of {len(scores)} episodes of random behaviour: it asks for too little",
            "",
        )
    low, middle, high = np.quantile(fitness, [0.0, 0.5, 1.0])
    return "", (
        f"Of {len(scores)} recorded episodes of random behaviour {rate:.0%} succeed; their fitness goes from {low:.4g} "
        f"over {middle:.4g} to {high:.4g}."
    )
