"""Trains the reward of a condition on a fresh seed, with the budget that every condition gets, and judges it."""

import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from benchmarks.benchmark import Case
from benchmarks.cpu_time import cpu_time_s
from benchmarks.protocol import Message
from benchmarks.rewards.conditions import SPARSE
from benchmarks.rewards.scale import Name, Scale
from benchmarks.rewards.searching import SILENCE
from benchmarks.rewards.sparse import EpisodeFitness
from benchmarks.rewards.worlds import digest, fingerprint, split_task
from skillwright.compute import Executor, Loss, Task, run_with_retry
from skillwright.compute.executor import Report
from skillwright.core.seeding import derive_seed
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import EnvCard, find_card
from skillwright.learners import Entrant, EpisodeScore, Policy, Problem, RewardSource, TrainedPolicy, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.heartbeat import Heartbeat
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Program
from skillwright.rewards.sources import ProgramReward

__all__ = ["FinalCase", "FinalRequest", "FinalResult", "PlannedFinal", "plan_finals", "train", "train_all"]

_ALIVE: Final = "{}"


class FinalCase(Case):
    """One policy of one condition."""

    scale: Name
    task: str
    """``ENV/TASK``."""
    condition: str
    seed: int
    """Index of the training seed."""
    total_timesteps: int
    num_held_out: int
    required_success_rate: float
    """What the card asks for."""
    world: str
    """Fingerprint of the task."""
    program: str
    """Hash of the reward program; empty: the reward is no program."""

    @property
    def label(self) -> str:
        """Task, condition and seed."""
        return f"{self.task}, {self.condition}, seed {self.seed}"


class FinalResult(Message):
    """How the policy did."""

    fitness: list[float]
    """Of each held-out episode; none if the training failed."""
    success_rate: float | None
    """Share of these episodes; none: the task has no success program, or the training failed."""
    timesteps: int
    cpu_s: float
    """Of training and judging, with the processes that hold programs."""
    wall_s: float
    failure: str = ""
    """Why there is no policy."""
    num_hangs: int = 0
    """How often its worker was given up because nothing was heard of it."""


class FinalRequest(Message):
    """What a worker trains and judges."""

    card: EnvCard
    task: str
    """Name of the card's task."""
    program: Program | None
    """None: the sparse reward."""
    seed: int
    total_timesteps: int
    num_held_out: int


class PlannedFinal(NamedTuple):
    """A policy that can be trained."""

    case: FinalCase
    program: Program | None


def plan_finals(scale: Scale, task: str, condition: str, program: Program | None) -> list[PlannedFinal]:
    """Lists the policies of one condition.

    Args:
        scale: how much is measured.
        task: ``ENV/TASK``.
        condition: its name.
        program: the reward; none for the sparse one.
    """
    assert (program is None) == (condition == SPARSE), f"{condition} has no reward"
    env, name = split_task(task)
    card = find_card(env)
    case = FinalCase(
        scale=scale.name,
        task=task,
        condition=condition,
        seed=0,
        total_timesteps=card.learner.total_timesteps,
        num_held_out=scale.num_held_out,
        required_success_rate=card.tasks[name].required_success_rate,
        world=fingerprint(card, name),
        program=digest(program),
    )
    return [PlannedFinal(case.model_copy(update={"seed": seed}), program) for seed in range(scale.num_seeds)]


def train_all(planned: Sequence[PlannedFinal], executor: Executor) -> Iterator[tuple[FinalCase, FinalResult]]:
    """Trains policies side by side; a lost worker gets a second chance.

    Args:
        planned: the policies.
        executor: has the workers, which must be able to import this package.

    Yields:
        Each policy as soon as it is judged.

    Raises:
        UserError: a worker raised one.
    """
    tasks = [_task(one) for one in planned]
    losses = [""] * len(tasks)

    def renew(index: int, reason: str) -> Task:
        losses[index] = reason
        return tasks[index]

    for index, outcome in run_with_retry(executor, tasks, lambda *_: None, renew):
        case = planned[index].case
        if isinstance(outcome, Loss):
            reason = outcome.reason
            failed = FinalResult(fitness=[], success_rate=None, timesteps=0, cpu_s=0.0, wall_s=0.0, failure=reason)
            yield case, failed.model_copy(update={"num_hangs": reason.count(SILENCE)})
        else:
            result = from_json(FinalResult, outcome.text)
            yield case, result.model_copy(update={"num_hangs": int(SILENCE in losses[index])})


def train(text: str, report: Report) -> str:
    """Trains and judges one policy; a ``Function`` of ``skillwright.compute``.

    Args:
        text: a ``FinalRequest``.
        report: takes an empty object now and then.

    Returns:
        A ``FinalResult``.
    """
    request = from_json(FinalRequest, text)
    cpu_s, begin = cpu_time_s(), time.perf_counter()
    heartbeat = Heartbeat(lambda: report(_ALIVE))
    judge = Judge(request.card, request.task)
    trained = _train(request, judge, heartbeat)
    scores = _judge(request, trained.policy, judge, heartbeat) if trained.policy else []
    successes = [score.success for score in scores if score.success is not None]
    result = FinalResult(
        fitness=[round(score.fitness, 6) for score in scores],
        success_rate=float(np.mean(successes)) if successes else None,
        timesteps=trained.timesteps,
        cpu_s=cpu_time_s() - cpu_s,
        wall_s=time.perf_counter() - begin,
        failure=trained.failure,
    )
    return to_json(result)


def _task(planned: PlannedFinal) -> Task:
    case = planned.case
    env, name = split_task(case.task)
    request = FinalRequest(
        card=find_card(env),
        task=name,
        program=planned.program,
        seed=derive_seed(case.seed, "reward benchmark"),
        total_timesteps=case.total_timesteps,
        num_held_out=case.num_held_out,
    )
    return Task(function=f"{__name__}:{train.__name__}", request=to_json(request))


def _train(request: FinalRequest, judge: Judge, heartbeat: Heartbeat) -> TrainedPolicy:
    card = request.card
    reward: RewardSource = ProgramReward(card, request.program) if request.program else EpisodeFitness(judge.score)
    problem = Problem(card=card, score_episodes=judge.score)

    def hear(timesteps: int, fitness: float | None) -> None:
        heartbeat.beat()

    plan = TrainingPlan(total_timesteps=request.total_timesteps, report=hear)
    [trained] = make_learner(card, is_final=True).train(problem, [Entrant(reward, request.seed)], plan)
    return trained


def _judge(request: FinalRequest, policy: Policy, judge: Judge, heartbeat: Heartbeat) -> list[EpisodeScore]:
    seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + request.num_held_out)
    [episodes] = play_episodes(request.card, [policy], seeds, stepped=heartbeat.beat)
    return judge.score(episodes)
