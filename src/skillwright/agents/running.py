"""A run from a sentence to a stored skill: begin it, carry it out, read it back."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acquiring import Acquisition, Workshop, acquire
from skillwright.agents.planner import CardPlanner
from skillwright.agents.run_types import Plan, RunRecord, RunRequest
from skillwright.agents.versions import versions_in_use
from skillwright.compute import LocalExecutor
from skillwright.core import ArtifactStore, ConfigError, Home, ProgramRejected, SkillwrightError
from skillwright.core.database import Database
from skillwright.core.journal import Journal, Run, RunStatus
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard, make_vector_env
from skillwright.envs.catalog import find_card, read_reference
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.budget import EvolutionConfig, share_out
from skillwright.rewards.judge import Judge
from skillwright.rewards.progress import Observer
from skillwright.rewards.records import HeldOut, Judgement, Program
from skillwright.rewards.search import SearchProposer
from skillwright.rewards.sources import ProgramReward
from skillwright.rewards.training import JudgingRequest, judge_in_worker
from skillwright.skills import Skill
from skillwright.skills.library import Library

__all__ = ["begin_run", "carry_out_run"]

_NUM_CANDIDATES: Final = 16
_NUM_GENERATIONS: Final = 3
_BUDGET_FACTOR: Final = 20
"""A run's default budget in units of what one candidate with a good reward needs."""
_NO_MODEL: Final = "none"

Clock = Callable[[], float]
"""Gives the seconds a run has worked so far, over all its sittings."""


class _Settled(BaseModel):
    """A request with every default filled in, and the card as it was when the run began."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: RunRequest
    card: EnvCard
    references: dict[str, Program]
    """The reference reward of each task that has one."""
    total_timesteps: int
    num_workers: int

    @property
    def evolution(self) -> EvolutionConfig:
        """The size of the evolution this comes to."""
        wanted = EvolutionConfig(
            seed=self.request.seed,
            num_candidates=_or_default(self.request.num_candidates, _NUM_CANDIDATES),
            num_generations=_or_default(self.request.num_generations, _NUM_GENERATIONS),
            search_timesteps=0,
            final_timesteps=0,
            num_held_out=self.request.num_held_out,
            num_workers=self.num_workers,
        )
        return share_out(wanted, self.total_timesteps, make_learner(self.card).rollout_timesteps)


def begin_run(home: Home, request: RunRequest) -> str:
    """Checks a request whole and enters it into the journal; nothing is trained yet.

    Args:
        home: the home folder.
        request: what the person asked for.

    Returns:
        The id of the run, for ``carry_out_run``.

    Raises:
        ConfigError: the sentence is empty, or the card or one of its programs is wrong or does not fit the world.
        NotFound: there is no such world.
        BudgetExceeded: the budget is too small for one generation.
        StorageError: the home folder cannot be used.
    """
    if not request.text.strip():
        raise ConfigError("the task is empty; say in a sentence what is to be learned")
    card = find_card(request.env)
    settled = _Settled(
        request=request,
        card=card,
        references=_references(card),
        total_timesteps=_or_default(request.total_timesteps, _BUDGET_FACTOR * card.learner.total_timesteps),
        num_workers=_or_default(request.num_workers, os.cpu_count() or 1),
    )
    _refuse_impossible(settled)
    return Journal(Database.open(home)).start_run(kind="run", config=settled, seed=request.seed).id


def carry_out_run(home: Home, run_id: str, observer: Observer) -> RunRecord:
    """Carries a run out to its end, from wherever an earlier sitting stopped.

    Args:
        home: the home folder.
        run_id: what ``begin_run`` returned, or the beginning of it.
        observer: hears what happens.

    Returns:
        The finished run. Carrying out a finished run changes nothing and returns it again.

    Raises:
        NotFound: there is no such run.
        ConfigError: another process is working on it.
        WorldError: it failed for a reason in the world; it can be resumed.
        KeyboardInterrupt: it was interrupted, and marked so; it can be resumed.
    """
    database = Database.open(home)
    journal = Journal(database)
    run = journal.run(run_id)
    artifacts = ArtifactStore(home.artifacts)
    with Journal.lock(home, run.id), _sitting(journal, run) as clock:
        settled = run.read_config(_Settled)
        executor = LocalExecutor(settled.num_workers)
        workshop = Workshop(
            home=home,
            artifacts=artifacts,
            library=Library(database, artifacts),
            proposer=SearchProposer(),
            executor=executor,
            observer=observer,
            model=_NO_MODEL,
        )
        try:
            return _carry_out(settled, Steps(journal, run.id), workshop, clock)
        finally:
            executor.close()


def _carry_out(settled: _Settled, steps: Steps, workshop: Workshop, clock: Clock) -> RunRecord:
    """Plans, finds or makes the skill, and sums the run up."""
    note = "No language model is configured: CardPlanner plans and SearchProposer writes the rewards."
    workshop.observer.said(note)
    planner = CardPlanner(workshop.library)
    plan = steps.once("plan", Plan, lambda: planner.plan(settled.request, settled.card))
    workshop.observer.said(f"Plan: {plan.rationale}")
    [sub_task] = plan.sub_tasks
    if sub_task.reuse:
        evolution, skill = None, workshop.library.get(sub_task.reuse)
        held_out = _judge_again(settled, skill, steps, workshop)
    else:
        job = Acquisition(
            request=settled.request,
            plan=plan,
            sub_task=sub_task,
            card=settled.card,
            config=settled.evolution,
            reference=settled.references.get(sub_task.task),
            steps=steps,
            clock=clock,
        )
        evolution, skill = acquire(job, workshop)
        held_out = evolution.held_out
    return RunRecord(
        run_id=steps.run_id,
        request=settled.request,
        plan=plan,
        card=settled.card,
        task_name=sub_task.task,
        evolution=evolution,
        skill=skill,
        held_out=held_out,
        reference_source=_source(settled.references.get(sub_task.task)),
        video=workshop.artifacts.path(skill.video) if skill.video else None,
        wall_time_s=clock(),
        notes=(note,),
        versions=versions_in_use(),
    )


def _judge_again(settled: _Settled, skill: Skill, steps: Steps, workshop: Workshop) -> Judgement:
    """Runs a library skill through its test once more before it is relied on."""
    workshop.observer.said(f"Judging {skill.name}@{skill.version} again on the held-out episodes.")
    request = JudgingRequest(
        card=settled.card,
        task=skill.task,
        policies=[skill.policy],
        seeds=(HELD_OUT_SEED, settled.request.num_held_out),
        artifacts=str(workshop.home.artifacts),
    )
    return steps.once("held-out", HeldOut, lambda: judge_in_worker(request, workshop.executor)).judgements[0]


@contextmanager
def _sitting(journal: Journal, run: Run) -> Iterator[Clock]:
    """Marks how a sitting of a run ends, and books its time."""
    began = time.monotonic()
    finished_before = run.status == "finished"
    journal.set_status(run.id, "running")
    status: RunStatus = "interrupted"
    problem = ""
    try:
        yield lambda: run.work_seconds + (0.0 if finished_before else time.monotonic() - began)
        status = "finished"
    except SkillwrightError as error:
        status, problem = "failed", str(error)
        raise
    finally:
        journal.set_status(run.id, status, error=problem)
        if not finished_before:
            journal.add_work(run.id, time.monotonic() - began)


def _refuse_impossible(settled: _Settled) -> None:
    """Raises what would only come to light in the middle of the run."""
    assert settled.evolution.total_timesteps > 0
    make_vector_env(settled.card, [0]).close()
    for task in settled.card.tasks:
        Judge(settled.card, task)
    for task, program in settled.references.items():
        try:
            ProgramReward(settled.card, program)
        except ProgramRejected as error:
            where = settled.card.tasks[task].reference
            raise ConfigError(f"rewards/{where}: {error}") from error


def _references(card: EnvCard) -> dict[str, Program]:
    sources = {name: read_reference(task) for name, task in card.tasks.items()}
    return {name: Program(source=source) for name, source in sources.items() if source is not None}


def _source(program: Program | None) -> str | None:
    return program.source if program else None


def _or_default(value: int | None, default: int) -> int:
    return default if value is None else value
