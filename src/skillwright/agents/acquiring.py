"""Makes the skill a sub-task needs: evolves a reward, films the winner, stores it with its evidence."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from skillwright.agents.crew import Crew
from skillwright.agents.filming import Video, film
from skillwright.agents.person import Person
from skillwright.agents.run_types import Plan, SubTask
from skillwright.agents.settled import Settled
from skillwright.compute import Executor
from skillwright.core import ArtifactStore, EnvError, Home, MissingExtra
from skillwright.core.serialising import to_json
from skillwright.core.steps import Steps
from skillwright.core.tracing import annotate, traced
from skillwright.envs import EnvCard
from skillwright.learners import Policy
from skillwright.learners.worlds import HELD_OUT_SEED, SELECTION_SEED
from skillwright.rewards.evolution import Evolution, EvolutionParts
from skillwright.rewards.experience import ExperienceShelf, KeepRequest
from skillwright.rewards.judge import passes
from skillwright.rewards.progress import Observer
from skillwright.rewards.proposers import Proposer
from skillwright.rewards.records import EvolutionResult, Generation, Trained
from skillwright.skills import Evidence, Lineage, Skill
from skillwright.skills.library import Library, slug

__all__ = ["Acquisition", "Made", "Workshop", "acquire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What skills are made with."""

    home: Home
    artifacts: ArtifactStore
    library: Library
    proposer: Proposer
    executor: Executor
    observer: Observer
    person: Person
    crew: Crew
    """The language models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """A sub-task for which a skill is made, within a run."""

    settled: Settled
    plan: Plan
    sub_task: SubTask
    steps: Steps

    @property
    def card(self) -> EnvCard:
        """The world."""
        return self.settled.card


class Made(NamedTuple):
    """What acquiring gave."""

    evolution: EvolutionResult
    skill: Skill


@traced("acquire")
def acquire(job: Acquisition, workshop: Workshop) -> Made:
    """Makes a skill and stores it; what an earlier sitting has done is not done again.

    Args:
        job: the sub-task.
        workshop: what the skill is made with.

    Returns:
        The evolution and the stored skill, verified or failed as its evidence says.

    Raises:
        EnvError: not one candidate could be trained.
    """
    annotate(env=job.card.id, task=job.sub_task.task, proposer=workshop.proposer.name)
    parts = EvolutionParts(
        card=job.card,
        task=job.sub_task.task,
        task_text=job.sub_task.text,
        reference=job.settled.references.get(job.sub_task.task),
        proposer=workshop.proposer,
        executor=workshop.executor,
        steps=job.steps,
        artifacts=str(workshop.home.artifacts),
        observer=workshop.observer,
        given=job.settled.given,
        preference=job.settled.preference,
        critic=partial(_hear, job, workshop) if job.settled.request.has_feedback else None,
        device=job.settled.request.device,
        keep=_keeping(job, workshop),
        experience=job.settled.request.from_experience,
    )
    evolution = Evolution(job.settled.evolution, parts).run()
    video = job.steps.once("video", Video, lambda: _film(job, workshop, evolution.winner_policy))
    if video.problem:
        workshop.observer.said(f"No video: {video.problem}")
    skill = job.steps.once(
        "skill", Skill, lambda: workshop.library.store(_describe(job, workshop, evolution, video.artifact))
    )
    annotate(skill=skill.reference, status=skill.status)
    return Made(evolution, skill)


def _keeping(job: Acquisition, workshop: Workshop) -> KeepRequest | None:
    """Says where the candidates' episodes are kept, if they are."""
    max_mb = job.settled.request.keep_experience_mb
    if max_mb is None:
        return None
    shelf = ExperienceShelf.of(workshop.home)
    shelf.tidy()
    return KeepRequest(folder=str(shelf.root), run_id=job.steps.run_id, stage=job.sub_task.task, max_mb=max_mb)


@traced("film")
def _film(job: Acquisition, workshop: Workshop, policy: str) -> Video:
    """Films one episode, whatever happens in it: Gymnasium draws it, so its world is none of those it was judged in."""
    place = workshop.home.run_folder(job.steps.run_id) / "skill.mp4"
    try:
        film(job.card, Policy.from_bytes(workshop.artifacts.get(policy)), [HELD_OUT_SEED], place)
    except (EnvError, MissingExtra) as error:
        return Video(artifact=None, problem=str(error))
    return Video(artifact=workshop.artifacts.put(place.read_bytes()))


def _hear(job: Acquisition, workshop: Workshop, generation: Generation) -> str:
    """Films the best policy of a generation and asks the person what they think of it."""
    best = max((one for one in generation.trained if one.judgement), key=_fitness, default=None)
    if best is None or best.policy is None:
        return ""
    place = workshop.home.run_folder(job.steps.run_id) / f"generation-{generation.index}.mp4"
    try:
        film(job.card, Policy.from_bytes(workshop.artifacts.get(best.policy)), [SELECTION_SEED], place)
    except (EnvError, MissingExtra) as error:
        workshop.observer.said(f"No video: {error}")
    text = f"{best.candidate_id}, the best of generation {generation.index}, with fitness {_fitness(best):.4g}"
    return workshop.person.comments(text, place if place.is_file() else None)


def _fitness(trained: Trained) -> float:
    return trained.judgement.fitness if trained.judgement else -math.inf


def _describe(job: Acquisition, workshop: Workshop, evolution: EvolutionResult, video: str | None) -> Skill:
    """Writes the manifest of a skill; the library gives it its version."""
    task, winner, held_out = job.card.tasks[job.sub_task.task], evolution.winner, evolution.held_out
    return Skill(
        name=slug(job.sub_task.text),
        version=1,
        status="draft" if held_out.success_rate is None else "verified" if passes(held_out, task) else "failed",
        description=task.text,
        env_id=job.card.id,
        task=job.sub_task.task,
        step_limit=job.card.horizon,
        card=workshop.artifacts.put(to_json(job.card).encode()),
        policy=evolution.winner_policy,
        reward_source=winner.program.source,
        reward_weights=winner.program.weights,
        video=video,
        evidence=Evidence(
            first_seed=HELD_OUT_SEED,
            num_episodes=held_out.num_episodes,
            success_rate=held_out.success_rate,
            success_interval=held_out.success_interval,
            fitness=held_out.fitness,
            fitness_interval=held_out.fitness_interval,
            required_success_rate=task.required_success_rate,
            training_timesteps=evolution.total_timesteps,
            wall_time_s=round(job.steps.journal.run(job.steps.run_id).work_seconds, 1),
        ),
        lineage=Lineage(
            run_id=job.steps.run_id,
            task_text=job.settled.request.text,
            planner=job.plan.planner,
            proposer=workshop.proposer.name,
            model=winner.author if winner.author in workshop.crew.askers("rewarder") else "none",
            candidate_id=winner.id,
            generation=winner.generation,
            parents=winner.parents,
        ),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
