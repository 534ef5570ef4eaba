"""Runs a skill of the library through its test once more before it is relied on."""

from skillwright.agents.acquiring import Workshop
from skillwright.agents.acting.performer import Troupe
from skillwright.agents.acting.showing import score_episodes_of
from skillwright.agents.settled import Settled
from skillwright.core.steps import Steps
from skillwright.core.tracing import annotate, traced
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.judge import summarize
from skillwright.rewards.records import Judgement, Judgements
from skillwright.rewards.training import JudgingRequest, judge_in_workers
from skillwright.skills import Skill

__all__ = ["judge_again"]


@traced("judging")
def judge_again(
    skill: Skill, settled: Settled, steps: Steps, workshop: Workshop, *, key: str = "reuse/held-out"
) -> Judgement | None:
    """Judges a skill on the held-out episodes.

    Args:
        skill: a policy or a program.
        settled: says in which world, and on how many episodes.
        steps: of the run.
        workshop: has the library and the worker processes.
        key: of the step.

    Returns:
        What it showed; none if it no longer passes.
    """
    annotate(stage=key, skill=skill.reference, episodes=settled.request.num_held_out)
    workshop.observer.said(f"Judging {skill.reference} again on the held-out episodes.")
    judge = _judge_policy if skill.kind == "policy" else _judge_program
    [judged] = steps.once(key, Judgements, lambda: Judgements(judgements=[judge(skill, settled, workshop)])).judgements
    if judged.success_rate is not None and judged.success_rate >= skill.evidence.required_success_rate:
        return judged
    workshop.observer.said(f"{skill.reference} no longer passes its test; a new skill is made.")
    return None


def _judge_policy(skill: Skill, settled: Settled, workshop: Workshop) -> Judgement:
    request = JudgingRequest(
        card=settled.card,
        task=skill.task,
        policies=[skill.policy],
        seeds=(HELD_OUT_SEED, settled.request.num_held_out),
        artifacts=str(workshop.home.artifacts),
    )
    [judged] = judge_in_workers(request, workshop.executor).judgements
    return judged


def _judge_program(skill: Skill, settled: Settled, workshop: Workshop) -> Judgement:
    troupe = Troupe(library=workshop.library, artifacts=workshop.artifacts)
    seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + settled.request.num_held_out)
    return summarize(score_episodes_of(skill, settled.card, troupe, seeds))
