"""A run from a sentence to a stored skill: begin it, carry it out, read it back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acquiring import Acquisition, Workshop, acquire
from skillwright.agents.planner import CardPlanner, choose_task
from skillwright.agents.run_types import Plan, RunRecord, RunRequest, SubTask
from skillwright.agents.versions import versions_in_use
from skillwright.compute import LocalExecutor, count_cores
from skillwright.core import (
    ArtifactStore,
    ConfigError,
    EnvError,
    Home,
    ProgramFailed,
    ProgramRejected,
    SkillwrightError,
)
from skillwright.core.database import Database
from skillwright.core.journal import Journal, Run, RunStatus
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard
from skillwright.envs.catalog import find_card, read_reference
from skillwright.learners.devices import settle_device
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.budget import EvolutionConfig, Rollouts, share_out
from skillwright.rewards.judge import Judge, passes
from skillwright.rewards.progress import Observer
from skillwright.rewards.records import Judgement, Judgements, Program
from skillwright.rewards.screens import record_random_transitions
from skillwright.rewards.search import SearchProposer
from skillwright.rewards.sources import ProgramReward
from skillwright.rewards.training import JudgingRequest, judge_in_workers
from skillwright.sandbox import shared_sandbox
from skillwright.skills.library import Library

__all__ = ["begin_run", "carry_out_run"]

_NUM_CANDIDATES: Final = 16
_NUM_GENERATIONS: Final = 3
_BUDGET_FACTOR: Final = 25
"""A run's default budget in units of what one candidate with a good reward needs."""
_NO_MODEL: Final = "none"
_TRIAL_STEPS: Final = 16
"""Env steps on which a card's programs are tried before a run begins."""


class _Settled(BaseModel):
    """A request with every default filled in and the card as it was when the run began."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: RunRequest
    card: EnvCard
    references: dict[str, Program]
    """The reference reward of each task that has one."""
    evolution: EvolutionConfig
    """The size of the evolution, if one is needed."""


class _Versions(BaseModel):
    """The software a run was carried out with, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: dict[str, str]


def begin_run(home: Home, request: RunRequest) -> str:
    """Checks a request whole and enters it into the journal; nothing is trained yet.

    Args:
        home: the home folder.
        request: what the person asked for.

    Returns:
        The id of the run, for ``carry_out_run``.

    Raises:
        ConfigError: the sentence is empty, the card or one of its programs is wrong or does not fit the world, or torch
            does not see the device.
        NotFound: there is no such world.
        BudgetExceeded: the budget is too small for one generation.
        StorageError: the home folder cannot be used.
    """
    _refuse_unreadable(request.text)
    request = request.model_copy(update={"device": settle_device(request.device)})
    card = find_card(request.env)
    settled = _Settled(
        request=request, card=card, references=_references(card), evolution=_evolution_config(request, card)
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
    run_id = journal.run(run_id).id
    with Journal.lock(home, run_id):
        run = journal.run(run_id)
        if run.status == "finished":
            record = _sit(home, database, Steps(journal, run.id), observer)
        else:
            with _sitting(journal, run) as clock:
                record = _sit(home, database, Steps(journal, run.id, taken=clock.book), observer)
        return replace(record, wall_time_s=journal.run(run_id).work_seconds)


def _sit(home: Home, database: Database, steps: Steps, observer: Observer) -> RunRecord:
    """Carries a run out with everything that needs closing afterwards."""
    settled = steps.journal.run(steps.run_id).read_config(_Settled)
    artifacts = ArtifactStore(home.artifacts)
    executor = LocalExecutor(settled.evolution.num_workers)
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
        return _carry_out(settled, steps, workshop)
    finally:
        executor.close()


def _carry_out(settled: _Settled, steps: Steps, workshop: Workshop) -> RunRecord:
    """Plans, finds or makes the skill, and sums the run up."""
    note = "No language model is configured: CardPlanner plans and SearchProposer writes the rewards."
    workshop.observer.said(note)
    held_by = f"Programs are held by: {', '.join(shared_sandbox().layers().in_force)}."
    workshop.observer.said(held_by)
    planner = CardPlanner(workshop.library)
    plan = steps.once("plan", Plan, lambda: planner.plan(settled.request, settled.card))
    workshop.observer.said(f"Plan: {plan.rationale}")
    [sub_task] = plan.sub_tasks
    held_out = _judge_again(sub_task, settled, steps, workshop) if sub_task.reuse else None
    if sub_task.reuse and held_out:
        evolution, skill = None, workshop.library.get(sub_task.reuse)
    else:
        settle_device(settled.request.device)
        job = Acquisition(
            request=settled.request,
            plan=plan,
            sub_task=sub_task,
            card=settled.card,
            config=settled.evolution,
            reference=settled.references.get(sub_task.task),
            steps=steps,
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
        wall_time_s=steps.journal.run(steps.run_id).work_seconds,
        notes=(note, held_by),
        versions=steps.once("versions", _Versions, lambda: _Versions(of=versions_in_use())).of,
    )


def _judge_again(sub_task: SubTask, settled: _Settled, steps: Steps, workshop: Workshop) -> Judgement | None:
    """Runs a library skill through its test once more before it is relied on; none if it no longer passes."""
    assert sub_task.reuse
    workshop.observer.said(f"Judging {sub_task.reuse} again on the held-out episodes.")
    request = JudgingRequest(
        card=settled.card,
        task=sub_task.task,
        policies=[workshop.library.get(sub_task.reuse).policy],
        seeds=(HELD_OUT_SEED, settled.request.num_held_out),
        artifacts=str(workshop.home.artifacts),
    )
    judgements = steps.once("reuse/held-out", Judgements, lambda: judge_in_workers(request, workshop.executor))
    [judged] = judgements.judgements
    if passes(judged, settled.card.tasks[sub_task.task]):
        return judged
    workshop.observer.said(f"{sub_task.reuse} no longer passes its test; a new skill is made.")
    return None


class _Clock:
    """Counts the seconds a run has worked, and books them with every step, so that a killed sitting counts too."""

    def __init__(self, journal: Journal, run: Run) -> None:
        self._journal = journal
        self._run_id = run.id
        self._booked_here = 0.0
        self._began = time.monotonic()

    def book(self) -> None:
        """Books what has not been booked."""
        worked = time.monotonic() - self._began
        self._journal.add_work(self._run_id, worked - self._booked_here)
        self._booked_here = worked


@contextmanager
def _sitting(journal: Journal, run: Run) -> Iterator[_Clock]:
    """Marks how a sitting of a run ends, and books its time."""
    clock = _Clock(journal, run)
    journal.set_status(run.id, "running")
    status: RunStatus = "interrupted"
    problem = ""
    try:
        yield clock
        status = "finished"
    except Exception as error:
        status = "failed"
        problem = str(error) if isinstance(error, SkillwrightError) else f"{type(error).__name__}: {error}"
        raise
    finally:
        journal.set_status(run.id, status, error=problem)
        clock.book()


def _evolution_config(request: RunRequest, card: EnvCard) -> EvolutionConfig:
    """Fills in the defaults and shares the budget out."""
    wanted = EvolutionConfig(
        seed=request.seed,
        num_candidates=_or_default(request.num_candidates, _NUM_CANDIDATES),
        num_generations=_or_default(request.num_generations, _NUM_GENERATIONS),
        num_held_out=request.num_held_out,
        num_workers=_or_default(request.num_workers, count_cores()),
        has_reference=any(task.reference for task in card.tasks.values()),
    )
    rollouts = Rollouts(*(make_learner(card, is_final=final).rollout_timesteps for final in (False, True)))
    total_timesteps = _or_default(request.total_timesteps, _BUDGET_FACTOR * card.learner.total_timesteps)
    return share_out(wanted, total_timesteps, rollouts)


def _refuse_unreadable(text: str) -> None:
    if not text.strip():
        raise ConfigError("the task is empty; say in a sentence what is to be learned")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError("the task is not valid text; check the terminal's encoding and type it again") from None


def _refuse_impossible(settled: _Settled) -> None:
    """Raises what would only come to light in the middle of the run, by trying it on a few random transitions."""
    choose_task(settled.request, settled.card)
    try:
        transitions = record_random_transitions(settled.card, seed=settled.request.seed, num_steps=_TRIAL_STEPS)
    except EnvError as error:
        raise ConfigError(str(error)) from error
    for task in settled.card.tasks:
        Judge(settled.card, task).score([transitions])
    for task, program in settled.references.items():
        try:
            ProgramReward(settled.card, program).score(transitions)
        except (ProgramRejected, ProgramFailed) as error:
            where = settled.card.tasks[task].reference
            raise ConfigError(f"rewards/{where}: {error}") from error


def _references(card: EnvCard) -> dict[str, Program]:
    sources = {name: read_reference(task) for name, task in card.tasks.items()}
    return {name: Program(source=source) for name, source in sources.items() if source is not None}


def _source(program: Program | None) -> str | None:
    return program.source if program else None


def _or_default(value: int | None, default: int) -> int:
    return default if value is None else value
