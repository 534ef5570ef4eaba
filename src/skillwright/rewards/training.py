"""What a worker does for an evolution: trains a shard of candidates, or judges policies on given seeds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from skillwright.compute import Executor, Task
from skillwright.compute.executor import Report
from skillwright.core import ArtifactStore
from skillwright.core.serialising import to_json
from skillwright.envs import EnvCard
from skillwright.learners import (
    Entrant,
    LearningPoint,
    Policy,
    Problem,
    Race,
    RewardSource,
    TrainedPolicy,
    TrainingPlan,
)
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import selection_seeds
from skillwright.rewards.budget import split
from skillwright.rewards.judge import Judge, summarize
from skillwright.rewards.records import CurvePoint, Judgement, Judgements, Program, Trained, TrainedShard
from skillwright.rewards.sources import EnvReward, ProgramReward

__all__ = [
    "Job",
    "JudgingRequest",
    "TrainingReport",
    "TrainingRequest",
    "judge_in_workers",
    "judge_policies",
    "train_shard",
]

_CURVE_POINTS: Final = 24
"""Points a stored learning curve has at most."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Job(_Message):
    """One policy to train."""

    candidate_id: str
    program: Program | None
    """None: the environment's own reward."""
    seed: int


class TrainingRequest(_Message):
    """A shard of a population."""

    card: EnvCard
    task: str
    jobs: list[Job]
    total_timesteps: int
    """Env steps of a policy that stays in the race."""
    heats: tuple[float, ...] = ()
    """Fractions of the training at which the worse half is dropped."""
    is_final: bool = False
    """Whether these are the finals."""
    num_selection: int
    """Episodes on which each trained policy is judged."""
    artifacts: str
    """Folder of the artifact store."""


class JudgingRequest(_Message):
    """Policies to judge."""

    card: EnvCard
    task: str
    policies: list[str]
    """SHA-256 of each policy artifact."""
    seeds: tuple[int, int]
    """First seed and number of seeds."""
    artifacts: str


class TrainingReport(_Message):
    """How far a shard is."""

    timesteps: int
    """Env steps so far, all its policies together."""
    fitness: float | None
    """Newest mean fitness of the best policy's training episodes."""


def train_shard(request: str, report: Report) -> str:
    """Trains a shard and stores its policies; a ``Function`` of ``skillwright.compute``.

    Args:
        request: a ``TrainingRequest``.
        report: takes ``TrainingReport``.

    Returns:
        A ``TrainedShard``.
    """
    shard = TrainingRequest.model_validate_json(request)
    judge = Judge(shard.card, shard.task)
    plan = TrainingPlan(
        total_timesteps=shard.total_timesteps,
        race=Race(heats=shard.heats),
        report=lambda timesteps, fitness: report(to_json(TrainingReport(timesteps=timesteps, fitness=fitness))),
    )
    trained = make_learner(shard.card, is_final=shard.is_final).train(
        Problem(card=shard.card, score_episode=judge.score),
        [Entrant(_reward_source(shard.card, job.program), job.seed) for job in shard.jobs],
        plan,
    )
    store = ArtifactStore(Path(shard.artifacts))
    judgements = iter(
        _judge(
            shard.card,
            judge,
            [one.policy for one in trained if one.policy],
            selection_seeds(shard.num_selection),
        )
    )
    results = [
        _record(job, one, next(judgements) if one.policy else None, store)
        for job, one in zip(shard.jobs, trained, strict=True)
    ]
    return to_json(TrainedShard(trained=results))


def judge_policies(request: str, _: Report) -> str:
    """Judges stored policies on given seeds; a ``Function`` of ``skillwright.compute``.

    Args:
        request: a ``JudgingRequest``.

    Returns:
        A ``Judgements``.
    """
    asked = JudgingRequest.model_validate_json(request)
    store = ArtifactStore(Path(asked.artifacts))
    policies = [Policy.from_bytes(store.get(sha)) for sha in asked.policies]
    first, num = asked.seeds
    judgements = _judge(asked.card, Judge(asked.card, asked.task), policies, range(first, first + num))
    return to_json(Judgements(judgements=judgements))


def judge_in_workers(request: JudgingRequest, executor: Executor) -> Judgements:
    """Has workers judge policies side by side, and waits for them.

    Args:
        request: the policies and seeds.
        executor: has the workers.

    Returns:
        One judgement per policy, in order.
    """
    shares = split(range(len(request.policies)), executor.num_workers)
    requests = [request.model_copy(update={"policies": [request.policies[i] for i in share]}) for share in shares]
    function = f"{__name__}:{judge_policies.__name__}"
    tasks = [Task(function=function, request=to_json(one)) for one in requests]
    judged: dict[int, Judgement] = {}
    for number, text in executor.run(tasks, lambda *_: None):
        judgements = Judgements.model_validate_json(text).judgements
        judged.update(zip(shares[number], judgements, strict=True))
    return Judgements(judgements=[judged[index] for index in range(len(request.policies))])


def _reward_source(card: EnvCard, program: Program | None) -> RewardSource:
    return EnvReward() if program is None else ProgramReward(card, program)


def _judge(card: EnvCard, judge: Judge, policies: Sequence[Policy], seeds: Sequence[int]) -> list[Judgement]:
    if not policies:
        return []
    played = play_episodes(card, policies, seeds)
    return [summarize([judge.score(episode) for episode in episodes]) for episodes in played]


def _record(job: Job, trained: TrainedPolicy, judgement: Judgement | None, store: ArtifactStore) -> Trained:
    return Trained(
        candidate_id=job.candidate_id,
        seed=job.seed,
        timesteps=trained.timesteps,
        policy=store.put(trained.policy.to_bytes()) if trained.policy else None,
        curve=_thin_out(trained.curve),
        judgement=judgement,
        failure=trained.failure,
        dropped=trained.dropped,
    )


def _thin_out(curve: Sequence[LearningPoint]) -> list[CurvePoint]:
    """Joins neighbouring points, so that a stored curve stays small."""
    stretch = max(1, -(-len(curve) // _CURVE_POINTS))
    return [_join(curve[begin : begin + stretch]) for begin in range(0, len(curve), stretch)]


def _join(points: Sequence[LearningPoint]) -> CurvePoint:
    episodes = [episode for point in points for episode in point.episodes]
    successes = [episode.success for episode in episodes if episode.success is not None]
    names = points[-1].terms
    return CurvePoint(
        timesteps=points[-1].timesteps,
        fitness=float(np.mean([episode.fitness for episode in episodes])) if episodes else None,
        success_rate=float(np.mean(successes)) if successes else None,
        reward=float(np.mean([point.reward for point in points])),
        episode_length=float(np.mean([episode.length for episode in episodes])) if episodes else None,
        terms={name: float(np.mean([point.terms.get(name, 0.0) for point in points])) for name in names},
    )
