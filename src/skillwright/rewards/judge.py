"""Judges episodes by the success and fitness programs of a task, which no reward ever sees."""

from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np

from skillwright.core.errors import ConfigError, ProgramFailed, ProgramRejected
from skillwright.core.statistics import bootstrap_interval, wilson_interval
from skillwright.envs import EnvCard, TaskSpec, TransitionBlock, views
from skillwright.learners import EpisodeScore
from skillwright.rewards.records import Judgement
from skillwright.sandbox import Cell, check_program, shared_sandbox

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
        sources = {"fitness": spec.fitness, **({"success": spec.success} if spec.success else {})}
        self._cell = self._hold(sources)

    def score(self, episodes: Sequence[TransitionBlock]) -> list[EpisodeScore]:
        """Judges whole episodes.

        Args:
            episodes: all transitions of each in time order.

        Returns:
            Their scores.

        Raises:
            ConfigError: a program of the task raised, or its result is no number.
        """
        if not episodes:
            return []
        seen, ends = views(self._card, TransitionBlock.join(episodes), judge=True), np.cumsum([*map(_length, episodes)])
        try:
            numbers = self._cell.numbers(seen, ends.tolist())
        except ProgramFailed as error:
            raise ConfigError(f"{self._card.id}: tasks.{self._task}.{error}") from error
        successes = map(bool, numbers["success"]) if "success" in numbers else repeat(None, len(episodes))
        return [
            EpisodeScore(success, float(fitness), float(episode.env_reward.sum()), episode.num_transitions)
            for episode, fitness, success in zip(episodes, numbers["fitness"], successes, strict=True)
        ]

    def _hold(self, sources: Mapping[str, str]) -> Cell:
        for entry, source in sources.items():
            try:
                check_program(source, entry)
            except ProgramRejected as error:
                raise ConfigError(f"{self._card.id}: tasks.{self._task}.{entry}: {error}") from error
        return shared_sandbox().hold(sources)


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


def _length(episode: TransitionBlock) -> int:
    return episode.num_transitions
