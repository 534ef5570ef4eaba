"""Tries a skill program on episodes of its world: what it came to, what it did, and where it failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from skillwright.agents.acting.calls import called_names, pin_calls
from skillwright.agents.acting.deeds import Deed
from skillwright.agents.acting.episode import Episode
from skillwright.agents.acting.judging import EpisodeJudge, Verdict
from skillwright.agents.acting.performer import Performer, SkillGaveUp, Troupe
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners import EpisodeScore
from skillwright.rewards.judge import Judge
from skillwright.sandbox import State

__all__ = ["ProgramTask", "Tried", "try_program"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramTask:
    """What a program is for."""

    card: EnvCard
    task: str
    """Name of the card's task, which judges the whole episode."""
    step_limit: int
    """Env steps of an episode."""
    text: str = ""
    """The task as the person put it; empty: the card's words."""
    judge: EpisodeJudge | None = None
    """Says what a success is where the task has no success program; where it has one, nobody else is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One episode of a program."""

    score: EpisodeScore | None
    """None if it did not take a single step."""
    deeds: Sequence[Deed]
    """The skills it ran, in the order in which they ended."""
    last_state: State
    problem: str = ""
    """Why it stopped before its end, if it did."""
    verdict: Verdict | None = None
    """A model's, where no success program can say; none if the program stopped early: that is no success."""

    @property
    def has_succeeded(self) -> bool:
        """Whether the program came to its end, and the task's success program, or else the model, says yes."""
        return bool(self.score and self.score.success and not self.problem)


def try_program(source: str, task: ProgramTask, troupe: Troupe, seeds: Sequence[int]) -> Iterator[Tried]:
    """Runs a program once per seed.

    Args:
        source: defines ``skill(s, run)``.
        task: what it is for.
        troupe: the skills it may run.
        seeds: of the worlds.

    Yields:
        What came of each.

    Raises:
        ProgramRejected: the program is outside the allowed language, or calls a skill that is not there.
        BudgetExceeded: a limit does not allow to ask the model that judges.
        ModelUnavailable: the model that judges cannot be reached, or gives no verdict.
    """
    pinned = [skill.reference for skill in pin_calls(called_names(source), troupe.library).values()]
    judge = Judge(task.card, task.task)
    for seed in seeds:
        with Episode(task.card, seed, step_limit=task.step_limit) as episode:
            performer, problem = Performer(troupe, episode), ""
            try:
                performer.run_program(source, {}, pinned=pinned)
            except SkillGaveUp as failure:
                problem = str(failure)
            lived = [episode.since(0)] if episode.num_steps else []
            tried = Tried(
                score=next(iter(judge.score(lived)), None),
                deeds=performer.deeds,
                last_state=episode.state(),
                problem=problem or ("" if lived else "it did nothing: it ran no skill"),
            )
        yield _judged(tried, lived[0], task.judge) if task.judge is not None and lived else tried


def _judged(tried: Tried, lived: TransitionBlock, judge: EpisodeJudge) -> Tried:
    """Asks the model about an episode that the task's programs leave open."""
    if tried.score is None or tried.score.success is not None:
        return tried
    if tried.problem:
        return replace(tried, score=tried.score._replace(success=False))
    verdict = judge.judge(lived, list(tried.deeds))
    return replace(tried, score=tried.score._replace(success=verdict.success), verdict=verdict)
