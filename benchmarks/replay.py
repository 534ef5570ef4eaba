"""What the policies of a population gain by learning from each other's experience, off policy."""

import statistics
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.protocol import Message, Training, TrainingRequest
from benchmarks.tables import compare, prose, seconds, table, with_interval
from benchmarks.workers import NUM_WORKERS, run_together, share
from benchmarks.worlds import HALF_CHEETAH, PENDULUM, short_name
from skillwright.envs import find_card
from skillwright.envs.card import LearnerPreset
from skillwright.learners.registry import make_learner

__all__ = ["REPLAY", "ReplayCase", "ReplayResult"]

_NUM_HELD_OUT: Final = 20


class ReplayCase(Case):
    """A population in each process, with one replay or with one for each policy."""

    env_id: str
    is_shared: bool
    num_policies: int
    """Of each population."""
    total_timesteps: int
    """Env steps of each policy."""
    repeat: int

    @property
    def label(self) -> str:
        """World, number of policies, kind of replay, env steps and repeat."""
        kind = "shared" if self.is_shared else "separate"
        size = f"K={self.num_policies}, {self.total_timesteps:,} steps"
        return f"{short_name(self.env_id)}, {size}, {kind} replay, repeat {self.repeat + 1}"


class ReplayResult(Message):
    """How good the populations are, and what they cost."""

    timesteps: int
    """Env steps of each policy."""
    populations: list[Training]


class _World(NamedTuple):
    env_id: str
    num_policies: int
    budgets: tuple[int, ...]
    """Env steps of each policy."""


_FULL: Final = [_World(PENDULUM, 8, (3_000, 6_000)), _World(HALF_CHEETAH, 8, (20_000,))]
_QUICK: Final = [_World(PENDULUM, 2, (1_500,))]


def _cases(size: Size) -> list[ReplayCase]:
    return [
        ReplayCase(
            env_id=world.env_id,
            is_shared=is_shared,
            num_policies=world.num_policies,
            total_timesteps=total_timesteps,
            repeat=repeat,
        )
        for repeat in range(size.num_repeats(3))
        for world in (_QUICK if size.quick else _FULL)
        for total_timesteps in world.budgets
        for is_shared in (False, True)
    ]


def _measure(case: ReplayCase) -> ReplayResult:
    preset = LearnerPreset(algorithm="sac", settings={"share_replay": case.is_shared})
    card = find_card(case.env_id).model_copy(update={"learner": preset})
    rollout = make_learner(card).rollout_timesteps
    num_rollouts = -(-case.total_timesteps // rollout)
    num_policies = NUM_WORKERS * case.num_policies
    request = TrainingRequest(
        card=card,
        seeds=list(range(case.repeat * num_policies, (case.repeat + 1) * num_policies)),
        num_rollouts=num_rollouts,
        num_held_out=_NUM_HELD_OUT,
    )
    populations = run_together("benchmarks.population:train", share(request), Training)
    return ReplayResult(timesteps=num_rollouts * rollout, populations=populations)


_Key = tuple[str, int, int]
"""World, policies of a population, env steps of each."""


def _render(measured: Sequence[tuple[ReplayCase, ReplayResult]]) -> str:
    groups: dict[_Key, dict[bool, list[Training]]] = {}
    for case, result in sorted(measured, key=lambda one: (one[0].env_id, one[1].timesteps, one[0].repeat)):
        kinds = groups.setdefault((case.env_id, case.num_policies, result.timesteps), {})
        kinds.setdefault(case.is_shared, []).extend(result.populations)
    rows = [
        row
        for key, kinds in groups.items()
        if len(kinds) == 2
        for row in (_row(key, kinds, False), _row(key, kinds, True))
    ]
    headings = [
        "world",
        "replay",
        "policies",
        "env steps each",
        "populations",
        "mean return",
        "against separate",
        "CPU per policy",
        "memory of a process",
    ]
    return f"{prose(_METHOD)}\n{table(headings, rows)}"


def _row(key: _Key, kinds: dict[bool, list[Training]], is_shared: bool) -> list[str]:
    env_id, num_policies, timesteps = key
    populations = kinds[is_shared]
    returns, separate = _means(populations), _means(kinds[False])
    num_pairs = min(len(returns), len(separate))
    verdict = compare([one - other for one, other in zip(returns[:num_pairs], separate[:num_pairs], strict=True)])
    return [
        short_name(env_id),
        "shared" if is_shared else "separate",
        str(num_policies),
        f"{timesteps:,}",
        str(len(populations)),
        with_interval(returns, decimals=0),
        _VERDICTS[verdict] if is_shared else "",
        seconds(statistics.mean(one.cpu_s for one in populations) / num_policies),
        f"{statistics.median(one.peak_memory_mib for one in populations):,.0f} MiB",
    ]


def _means(populations: Sequence[Training]) -> list[float]:
    """Gives the mean return of each population: its policies are not independent of each other."""
    return [float(np.mean(one.returns)) for one in populations]


_VERDICTS: Final = {
    "better": "**better**",
    "worse": "**worse**",
    "no difference": "no difference can be told",
    "too few": "too few populations to tell",
}

_METHOD: Final = f"""\
Our population SAC with its default settings on the world's own reward, one population in each of {NUM_WORKERS}
processes. With a separate replay each policy learns from its own transitions; with a shared one it learns from those of
all policies of its population. Both take the same env steps; with a shared replay updates begin earlier, as there are
soon transitions enough. The return is the mean of {_NUM_HELD_OUT} held-out episodes per policy, played
deterministically; in brackets stand 95 % bootstrap intervals over populations.
"""

REPLAY: Final = Benchmark(
    name="replay",
    title="Shared experience",
    case_type=ReplayCase,
    result_type=ReplayResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)
