"""What dropping hopeless candidates on the way saves, and whether it costs the winner."""

import tempfile
import time
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.protocol import Message
from benchmarks.tables import compare, prose, seconds, table, with_interval
from benchmarks.workers import NUM_WORKERS, collect
from benchmarks.worlds import LUNAR_LANDER
from skillwright.compute import Executor, LocalExecutor
from skillwright.core import derive_seed
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import EnvCard, find_card
from skillwright.learners import Race
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.budget import split
from skillwright.rewards.proposers.search.search import SearchProposer
from skillwright.rewards.proposers.view import show
from skillwright.rewards.records import Judgement, Trained, TrainedShard
from skillwright.rewards.training import Job, JudgingRequest, TrainingRequest, judge_in_workers

__all__ = ["RACING", "RacePlan", "RacingCase", "RacingResult", "plan_training"]

Arm = Literal["all to the end", "race", "all, cut short"]

_ARMS: Final[tuple[Arm, ...]] = ("all to the end", "race", "all, cut short")
_TASK: Final = "land"
_HEATS: Final = (0.15, 0.4)
_NUM_SELECTION: Final = 24
_NUM_HELD_OUT: Final = 100
_BAR: Final = 0.5


class RacingCase(Case):
    """Candidate rewards of one draw, trained in one way."""

    arm: Arm
    seed: int
    num_candidates: int
    total_timesteps: int
    """Env steps of a candidate that is trained to the end."""

    @property
    def label(self) -> str:
        """Number of candidates, arm and seed."""
        return f"{self.num_candidates} candidates, {self.arm}, seed {self.seed}"


class RacingResult(Message):
    """What was spent, and how good the winner is."""

    timesteps: int
    """Env steps of all candidates together."""
    wall_s: float
    """Of the training and the judgement on the selection worlds."""
    winner: str
    """Id of the candidate that was best on the selection worlds."""
    fitness: float
    """Mean fitness of its policy on the held-out worlds."""
    success_rate: float
    """Share of its held-out episodes that succeeded."""


class RacePlan(NamedTuple):
    """How the candidates of an arm are trained."""

    total_timesteps: int
    """Env steps of a candidate that is never dropped."""
    heats: tuple[float, ...]
    """Fractions of the training at which the worse half is dropped."""


def _cases(size: Size) -> list[RacingCase]:
    num_candidates, total_timesteps = (4, 20_000) if size.quick else (16, 400_000)
    return [
        RacingCase(arm=arm, seed=seed, num_candidates=num_candidates, total_timesteps=total_timesteps)
        for seed in range(size.num_repeats(5))
        for arm in _ARMS
    ]


def _measure(case: RacingCase) -> RacingResult:
    card = find_card(LUNAR_LANDER)
    executor = LocalExecutor(NUM_WORKERS)
    try:
        with tempfile.TemporaryDirectory() as artifacts:
            begin = time.perf_counter()
            trained = _train(card, case, executor, artifacts)
            wall_s = time.perf_counter() - begin
            winner = max(trained, key=lambda one: one.judgement.fitness if one.judgement else -np.inf)
            judgement = _judge(card, winner, executor, artifacts)
    finally:
        executor.close()
    return RacingResult(
        timesteps=sum(one.timesteps for one in trained),
        wall_s=wall_s,
        winner=winner.candidate_id,
        fitness=judgement.fitness,
        success_rate=judgement.success_rate or 0.0,
    )


def _train(card: EnvCard, case: RacingCase, executor: Executor, artifacts: str) -> list[Trained]:
    """Trains the first generation of an evolution without a language model, as the product does."""
    proposals = SearchProposer().propose(show(card, card.tasks[_TASK].text, ()), case.num_candidates, seed=case.seed)
    seed = derive_seed(case.seed, "generation", 0)
    jobs = [
        Job(candidate_id=f"g0-c{index}", program=proposal.program, seed=seed)
        for index, proposal in enumerate(proposals)
    ]
    plan = plan_training(case, make_learner(card).rollout_timesteps)
    requests = [
        TrainingRequest(
            card=card,
            task=_TASK,
            jobs=list(shard),
            total_timesteps=plan.total_timesteps,
            heats=plan.heats,
            num_selection=_NUM_SELECTION,
            artifacts=artifacts,
        )
        for shard in split(jobs, NUM_WORKERS)
    ]
    shards = collect(executor, "skillwright.rewards.training:train_shard", [to_json(one) for one in requests])
    return [trained for text in shards for trained in from_json(TrainedShard, text).trained]


def plan_training(case: RacingCase, rollout: int) -> RacePlan:
    """Says how the candidates of a case are trained.

    Args:
        case: what is measured.
        rollout: env steps per candidate between two updates.
    """
    if case.arm == "race":
        return RacePlan(case.total_timesteps, _HEATS)
    if case.arm == "all to the end":
        return RacePlan(case.total_timesteps, ())
    num_updates = round(case.total_timesteps / rollout)
    shards = [len(shard) for shard in split(range(case.num_candidates), NUM_WORKERS)]
    raced = sum(Race(heats=_HEATS).count_updates(size, num_updates) for size in shards)
    return RacePlan(round(raced / case.num_candidates) * rollout, ())


def _judge(card: EnvCard, winner: Trained, executor: Executor, artifacts: str) -> Judgement:
    assert winner.policy is not None, "no candidate was trained"
    request = JudgingRequest(
        card=card, task=_TASK, policies=[winner.policy], seeds=(HELD_OUT_SEED, _NUM_HELD_OUT), artifacts=artifacts
    )
    return judge_in_workers(request, executor).judgements[0]


def _render(measured: Sequence[tuple[RacingCase, RacingResult]]) -> str:
    by_arm: dict[Arm, dict[int, RacingResult]] = {}
    for case, result in measured:
        by_arm.setdefault(case.arm, {})[case.seed] = result
    seeds = sorted(set.intersection(*(set(by_arm.get(arm, {})) for arm in _ARMS)))
    if not seeds:
        return f"{prose(_METHOD)}\nNo draw has been trained in all ways yet.\n"
    full = [by_arm["all to the end"][seed] for seed in seeds]
    rows = [_row(arm, [by_arm[arm][seed] for seed in seeds], full) for arm in _ARMS]
    headings = [
        "candidates",
        "draws",
        "env steps",
        "wall time",
        "winner's fitness",
        "winner's success",
        "same winner",
        "difference in fitness",
    ]
    return f"{prose(_METHOD)}\n{table(headings, rows)}\n{_verdict([by_arm['race'][seed] for seed in seeds], full)}"


def _row(arm: Arm, results: Sequence[RacingResult], full: Sequence[RacingResult]) -> list[str]:
    same = sum(one.winner == other.winner for one, other in zip(results, full, strict=True))
    return [
        arm,
        str(len(results)),
        f"{_share(results, full):.0%}",
        seconds(float(np.mean([one.wall_s for one in results]))),
        with_interval([one.fitness for one in results], decimals=2),
        f"{np.mean([one.success_rate for one in results]):.0%}",
        f"{same} of {len(results)}",
        with_interval(_differences(results, full), decimals=2),
    ]


def _share(results: Sequence[RacingResult], full: Sequence[RacingResult]) -> float:
    return sum(one.timesteps for one in results) / sum(one.timesteps for one in full)


def _differences(results: Sequence[RacingResult], full: Sequence[RacingResult]) -> list[float]:
    return [one.fitness - other.fitness for one, other in zip(results, full, strict=True)]


def _verdict(raced: Sequence[RacingResult], full: Sequence[RacingResult]) -> str:
    bar = "met" if _share(raced, full) <= _BAR else "missed"
    return (
        f"Against training all to the end, the race's winners are {_VERDICTS[compare(_differences(raced, full))]}. "
        f"Bar: {_BAR:.0%} of the env steps, {bar}.\n"
    )


_VERDICTS: Final = {
    "better": "better",
    "worse": "**worse**",
    "no difference": "neither better nor worse, as far as can be told",
    "too few": "too few to tell",
}
_METHOD: Final = f"""\
Candidate rewards drawn at random by the search proposer for `{LUNAR_LANDER}`, task `{_TASK}`: the first generation of
a run without a language model, with the card's own learner settings, in {NUM_WORKERS} processes, by the product's own
`train_shard`. In a race, the worse half of each process's candidates is dropped after {_HEATS[0]:.0%} and after
{_HEATS[1]:.0%} of the training, by the fitness of their training episodes. *All, cut short* trains everybody for as
many env steps as the race took: what shorter training alone would give. The winner is the best on {_NUM_SELECTION}
selection worlds; its fitness and success are those on {_NUM_HELD_OUT} held-out ones. In brackets stand 95 % bootstrap
intervals over draws.
"""

RACING: Final = Benchmark(
    name="racing",
    title="Racing",
    case_type=RacingCase,
    result_type=RacingResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)
