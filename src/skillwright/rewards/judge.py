"""Judges episodes by the success and fitness programs of a task, which no reward ever sees."""

from collections.abc import Sequence

import numpy as np

from skillwright.core.errors import ConfigError, ProgramFailed, ProgramRejected
from skillwright.core.statistics import bootstrap_interval, wilson_interval
from skillwright.envs import EnvCard, TaskSpec, TransitionBlock, views
from skillwright.learners import EpisodeScore
from skillwright.rewards.records import Judgement
from skillwright.sandbox import Program, compile_program

__all__ = ["Judge", "passes", "summarize"]


class Judge:
    """Scores whole episodes of one task.

    Args:
        card: the world.
        task: name of the card's task.

    Raises:
        ConfigError: a program of the task is outside the allowed language.
    """

    def __init__(self, card: EnvCard, task: str) -> None:
        spec = card.tasks[task]
        self._card = card
        self._task = task
        self._fitness = self._compile(spec.fitness, "fitness")
        self._success = self._compile(spec.success, "success") if spec.success else None

    def score(self, episode: TransitionBlock) -> EpisodeScore:
        """Judges one episode.

        Args:
            episode: all its transitions in time order.

        Returns:
            Its score.

        Raises:
            ConfigError: a program of the task raised, or its result is no number.
        """
        seen = views(self._card, episode, judge=True)
        fitness = self._number(self._fitness, seen, "fitness")
        success = None if self._success is None else bool(self._number(self._success, seen, "success"))
        return EpisodeScore(success, fitness, float(episode.env_reward.sum()), episode.num_transitions)

    def _compile(self, source: str, entry: str) -> Program:
        try:
            return compile_program(source, entry)
        except (ProgramRejected, ProgramFailed) as error:
            raise ConfigError(f"{self._card.id}: tasks.{self._task}.{entry}: {error}") from error

    def _number(self, program: Program, seen: tuple[object, object, object], entry: str) -> float:
        where = f"{self._card.id}: tasks.{self._task}.{entry}"
        try:
            value = np.asarray(program(*seen), np.float64)
        except (ProgramFailed, TypeError, ValueError) as error:
            raise ConfigError(f"{where}: {error}") from error
        if value.shape != () or not np.isfinite(value):
            raise ConfigError(f"{where}: an episode must get one finite number, not {value!r}")
        return float(value)


def passes(judgement: Judgement, task: TaskSpec) -> bool:
    """Says whether a policy passes the test of a task; without a success program none does.

    Args:
        judgement: on held-out episodes.
        task: the task.
    """
    return judgement.success_rate is not None and judgement.success_rate >= task.required_success_rate


def summarize(scores: Sequence[EpisodeScore]) -> Judgement:
    """Sums up the scores of a policy's episodes, with 95 % intervals.

    Args:
        scores: at least one.

    Returns:
        The judgement.
    """
    fitness = np.array([score.fitness for score in scores])
    successes = [score.success for score in scores if score.success is not None]
    num = len(scores)
    return Judgement(
        num_episodes=num,
        success_rate=sum(successes) / num if successes else None,
        success_interval=wilson_interval(sum(successes), num) if successes else None,
        fitness=float(fitness.mean()),
        fitness_interval=bootstrap_interval(fitness, seed=0),
        env_return=float(np.mean([score.env_return for score in scores])),
        episode_length=float(np.mean([score.length for score in scores])),
    )
