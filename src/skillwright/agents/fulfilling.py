"""From a request to a stored skill: plans, then takes the skill from the library, makes it, or composes it of parts."""

from typing import Final, NamedTuple

from skillwright.agents.acquiring import Acquisition, Workshop, acquire
from skillwright.agents.composing.composite import Composite
from skillwright.agents.composing.parts import CarryOut, PartMaking
from skillwright.agents.planner import Planner
from skillwright.agents.planning import make_planner
from skillwright.agents.reusing import judge_again
from skillwright.agents.run_types import OWN_WORDS, Attempt, Plan, RunRecord
from skillwright.agents.settled import Settled
from skillwright.core.steps import Steps
from skillwright.learners.devices import settle_device
from skillwright.rewards.records import EvolutionResult, Judgement
from skillwright.skills import Skill

__all__ = ["Done", "Job", "fulfil"]

_NO_LONGER: Final = "it no longer passed its test"


class Job(NamedTuple):
    """A run at work."""

    settled: Settled
    steps: Steps
    workshop: Workshop
    carry_out: CarryOut
    """Carries out the run of a part."""


class Done(NamedTuple):
    """What a run came to."""

    plan: Plan
    skill: Skill
    held_out: Judgement
    evolution: EvolutionResult | None = None
    attempts: tuple[Attempt, ...] = ()
    handed_over: RunRecord | None = None
    """The other run that did it all."""


def fulfil(job: Job) -> Done:
    """Plans a run and does what the plan says; what an earlier sitting has done is not done again.

    Args:
        job: the run.

    Raises:
        EnvError: not one candidate could be trained.
        SkillwrightError: a model that is needed cannot be asked; the run can be resumed.
    """
    planner = make_planner(job.workshop.crew, job.workshop.library)
    plan = _plan(planner, job, "plan")
    taken = _take(plan, job)
    if taken is None and _was_composed(plan, job):
        plan = _plan(planner, job, "plan/anew")
    if taken:
        return taken
    if len(plan.sub_tasks) > 1:
        return _compose(plan, planner, job)
    return _hand_over(plan, job) if plan.sub_tasks[0].task == OWN_WORDS else _make(plan, job)


def _plan(planner: Planner, job: Job, key: str) -> Plan:
    plan = job.steps.once(key, Plan, lambda: planner.plan(job.settled.request, job.settled.card))
    job.workshop.observer.said(f"Plan: {plan.rationale}")
    return plan


def _take(plan: Plan, job: Job) -> Done | None:
    """Takes the one skill that does it all from the library, if it still passes its test."""
    reference = plan.sub_tasks[0].reuse
    if reference is None or len(plan.sub_tasks) > 1:
        return None
    skill = job.workshop.library.get(reference)
    held_out = judge_again(skill, job.settled, job.steps, job.workshop)
    return Done(plan, skill, held_out) if held_out else None


def _was_composed(plan: Plan, job: Job) -> bool:
    """Whether the skill that no longer passes was composed; it is marked so that it is composed anew."""
    reference = plan.sub_tasks[0].reuse
    if len(plan.sub_tasks) > 1 or reference is None or not job.workshop.library.get(reference).parts:
        return False
    job.workshop.library.mark(reference, "failed", _NO_LONGER)
    return True


def _make(plan: Plan, job: Job) -> Done:
    settle_device(job.settled.request.device)
    [sub_task] = plan.sub_tasks
    evolution, skill = acquire(
        Acquisition(settled=job.settled, plan=plan, sub_task=sub_task, steps=job.steps), job.workshop
    )
    return Done(plan, skill, evolution.held_out, evolution=evolution)


def _hand_over(plan: Plan, job: Job) -> Done:
    """Has another run make the one skill, by a task in the person's own words."""
    made = _making(job).get(plan.sub_tasks[0], 0, []).made
    assert made is not None, "nothing in own words is reused"
    return Done(plan, made.skill, made.held_out, handed_over=made)


def _compose(plan: Plan, planner: Planner, job: Job) -> Done:
    attempts, skill, held_out = Composite(making=_making(job), planner=planner).carry_out(plan)
    return Done(plan, skill, held_out, attempts=attempts)


def _making(job: Job) -> PartMaking:
    return PartMaking(settled=job.settled, steps=job.steps, workshop=job.workshop, carry_out=job.carry_out)
