"""Carries a run out, from a sentence to a stored skill, from wherever an earlier sitting stopped."""

from dataclasses import replace
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acquiring import Acquisition, Workshop, acquire
from skillwright.agents.crew import Crew
from skillwright.agents.own_tasks import settle_own_task
from skillwright.agents.person import NOBODY, Person
from skillwright.agents.planner import CardPlanner
from skillwright.agents.run_types import Plan, RunRecord, SubTask
from skillwright.agents.settled import Settled
from skillwright.agents.sitting import sitting
from skillwright.agents.versions import versions_in_use
from skillwright.compute import LocalExecutor
from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.learners.devices import settle_device
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.llm import Limits
from skillwright.llm.ledger import NO_LIMITS
from skillwright.rewards.judge import passes
from skillwright.rewards.own_task import OwnTask, with_task
from skillwright.rewards.progress import Observer
from skillwright.rewards.proposers import Proposer
from skillwright.rewards.proposers.language.authors import Authors
from skillwright.rewards.proposers.registry import PROPOSERS
from skillwright.rewards.proposers.search import SearchProposer
from skillwright.rewards.records import Judgement, Judgements, Program
from skillwright.rewards.training import JudgingRequest, judge_in_workers
from skillwright.sandbox import shared_sandbox
from skillwright.skills.library import Library

__all__ = ["carry_out_run"]


class _Versions(BaseModel):
    """The software a run was carried out with, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: dict[str, str]


class _Company(NamedTuple):
    """Who is there while a run is carried out, and what they allow."""

    observer: Observer
    person: Person
    limits: Limits


def carry_out_run(
    home: Home, run_id: str, observer: Observer, person: Person = NOBODY, *, limits: Limits = NO_LIMITS
) -> RunRecord:
    """Carries a run out to its end, from wherever an earlier sitting stopped.

    Args:
        home: the home folder.
        run_id: what ``begin_run`` returned, or the beginning of it.
        observer: hears what happens.
        person: answers where the run needs an answer.
        limits: what models may cost from now on; where it says nothing, what the request says.

    Returns:
        The finished run. Carrying out a finished run changes nothing and returns it again.

    Raises:
        NotFound: there is no such run.
        ConfigError: another process is working on it.
        WorldError: it failed for a reason in the world; it can be resumed.
        BudgetExceeded: the limit for models does not even allow a first generation.
        ModelUnavailable: a language model cannot be reached, or answers nothing that can be used; it can be resumed.
        KeyboardInterrupt: it was interrupted, and marked so; it can be resumed.
    """
    database, company = Database.open(home), _Company(observer, person, limits)
    journal = Journal(database)
    run_id = journal.run(run_id).id
    with Journal.lock(home, run_id):
        run = journal.run(run_id)
        if run.status == "finished":
            record = _sit(home, database, Steps(journal, run.id), company)
        else:
            with sitting(journal, run) as clock:
                record = _sit(home, database, Steps(journal, run.id, taken=clock.book), company)
        return replace(record, wall_time_s=journal.run(run_id).work_seconds)


def _sit(home: Home, database: Database, steps: Steps, company: _Company) -> RunRecord:
    """Carries a run out with everything that needs closing afterwards."""
    settled = steps.journal.run(steps.run_id).read_config(Settled)
    settled = settled.model_copy(update={"request": settled.request.limited(company.limits)})
    artifacts = ArtifactStore(home.artifacts)
    artifacts.tidy()
    executor = LocalExecutor(settled.evolution.num_workers)
    observer = company.observer
    crew = Crew(request=settled.request, roles=settled.roles, home=home, steps=steps, observer=observer)
    workshop = Workshop(
        home=home,
        artifacts=artifacts,
        library=Library(database, artifacts),
        executor=executor,
        observer=observer,
        person=company.person,
        crew=crew,
        proposer=_proposer(settled, crew, steps),
    )
    try:
        return _carry_out(_with_own_task(settled, workshop, steps), steps, workshop)
    finally:
        executor.close()


def _proposer(settled: Settled, crew: Crew, steps: Steps) -> Proposer:
    askers = crew.askers("rewarder")
    authors = Authors(askers=askers, steps=steps, seed=settled.request.seed) if askers else None
    return PROPOSERS.resolve(settled.proposer)(authors)


def _with_own_task(settled: Settled, workshop: Workshop, steps: Steps) -> Settled:
    """Adds the task in the person's own words to the card, judged by programs they have confirmed."""
    request = settled.request
    if not request.is_own_task:
        return settled
    own = steps.once("task", OwnTask, lambda: settle_own_task(settled, workshop))
    return settled.model_copy(
        update={
            "card": with_task(settled.card, own),
            "request": request.model_copy(update={"task": own.name}),
        }
    )


def _carry_out(settled: Settled, steps: Steps, workshop: Workshop) -> RunRecord:
    """Plans, finds or makes the skill, and sums the run up."""
    notes = [_who_works(settled, workshop), f"Programs are held by: {', '.join(shared_sandbox().layers().in_force)}."]
    for note in notes:
        workshop.observer.said(note)
    planner = CardPlanner(workshop.library)
    plan = steps.once("plan", Plan, lambda: planner.plan(settled.request, settled.card))
    workshop.observer.said(f"Plan: {plan.rationale}")
    [sub_task] = plan.sub_tasks
    held_out = _judge_again(sub_task, settled, steps, workshop) if sub_task.reuse else None
    if sub_task.reuse and held_out:
        evolution, skill = None, workshop.library.get(sub_task.reuse)
    else:
        settle_device(settled.request.device)
        evolution, skill = acquire(Acquisition(settled=settled, plan=plan, sub_task=sub_task, steps=steps), workshop)
        held_out = evolution.held_out
    models = workshop.crew.uses()
    notes += [f"{use.role}, {use.model}: {use.spending.described()}." for use in models]
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
        models=tuple(models),
        notes=tuple(notes),
        versions=steps.once("versions", _Versions, lambda: _Versions(of=versions_in_use())).of,
    )


def _who_works(settled: Settled, workshop: Workshop) -> str:
    """Says who plans and who writes, with which model, in every run."""
    model = settled.roles.get("rewarder")
    if settled.proposer == SearchProposer.name or model is None:
        unused = "No language model is configured" if model is None else f"{model.model} is not asked for rewards"
        return f"{unused}: {CardPlanner.name} plans and {type(workshop.proposer).__name__} writes the rewards."
    return f"{CardPlanner.name} plans, and {workshop.proposer.name} writes the rewards with {model.model}."


def _judge_again(sub_task: SubTask, settled: Settled, steps: Steps, workshop: Workshop) -> Judgement | None:
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


def _source(program: Program | None) -> str | None:
    return program.source if program else None
