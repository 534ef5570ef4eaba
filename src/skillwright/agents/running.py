"""Carries a run out, from a sentence to a stored skill, from wherever an earlier sitting stopped."""

from dataclasses import replace
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acquiring import Workshop
from skillwright.agents.composing.parts import CarryOut
from skillwright.agents.crew import Crew
from skillwright.agents.fulfilling import Job, fulfil
from skillwright.agents.own_tasks import settle_own_task
from skillwright.agents.person import NOBODY, Person
from skillwright.agents.planner import CardPlanner, LLMPlanner
from skillwright.agents.run_types import RunRecord
from skillwright.agents.settled import Settled
from skillwright.agents.sitting import sitting
from skillwright.agents.versions import versions_in_use
from skillwright.compute import LocalExecutor
from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm import Limits
from skillwright.llm.ledger import NO_LIMITS
from skillwright.rewards.own_task import OwnTask, with_task
from skillwright.rewards.progress import Observer
from skillwright.rewards.proposers import Proposer
from skillwright.rewards.proposers.language.authors import Authors
from skillwright.rewards.proposers.registry import PROPOSERS
from skillwright.rewards.proposers.search import SearchProposer
from skillwright.rewards.records import Program
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

    def carry_out_part(run_id: str, limits: Limits) -> RunRecord:
        return carry_out_run(home, run_id, observer, company.person, limits=limits)

    try:
        return _carry_out(_with_own_task(settled, workshop, steps), steps, workshop, carry_out_part)
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


def _carry_out(settled: Settled, steps: Steps, workshop: Workshop, carry_out: CarryOut) -> RunRecord:
    """Plans, finds or makes the skills, and sums the run up."""
    notes = [_who_works(settled, workshop), f"Programs are held by: {', '.join(shared_sandbox().layers().in_force)}."]
    for note in notes:
        workshop.observer.said(note)
    done = fulfil(Job(settled, steps, workshop, carry_out))
    if done.handed_over:
        return replace(done.handed_over, plan=done.plan)
    models = workshop.crew.uses()
    notes += [f"{use.role}, {use.model}: {use.spending.described()}." for use in models]
    return RunRecord(
        run_id=steps.run_id,
        request=settled.request,
        plan=done.plan,
        card=settled.card,
        task_name=done.skill.task,
        evolution=done.evolution,
        attempts=done.attempts,
        skill=done.skill,
        held_out=done.held_out,
        reference_source=_source(settled.references.get(done.skill.task)),
        video=workshop.artifacts.path(done.skill.video) if done.skill.video else None,
        wall_time_s=steps.journal.run(steps.run_id).work_seconds,
        models=tuple(models),
        notes=tuple(notes),
        versions=steps.once("versions", _Versions, lambda: _Versions(of=versions_in_use())).of,
    )


def _who_works(settled: Settled, workshop: Workshop) -> str:
    """Says who plans and who writes, with which model, in every run."""
    model = settled.roles.get("rewarder")
    planner = LLMPlanner.name if "planner" in settled.roles and settled.request.task is None else CardPlanner.name
    if settled.proposer == SearchProposer.name or model is None:
        unused = "No language model is configured" if model is None else f"{model.model} is not asked for rewards"
        return f"{unused}: {planner} plans and {type(workshop.proposer).__name__} writes the rewards."
    return f"{planner} plans, and {workshop.proposer.name} writes the rewards with {model.model}."


def _source(program: Program | None) -> str | None:
    return program.source if program else None
