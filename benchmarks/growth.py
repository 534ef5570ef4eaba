"""How the cost of a population grows with its size."""

import statistics
from collections.abc import Sequence
from typing import Final, NamedTuple

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.protocol import Message, Training, TrainingRequest
from benchmarks.tables import prose, significant, spread, table
from benchmarks.workers import NUM_WORKERS, run_together, share
from benchmarks.worlds import CART_POLE, LUNAR_LANDER, Overrides, ppo_card, short_name

__all__ = ["GROWTH", "GrowthCase", "GrowthResult"]

_REFERENCE: Final = 16
"""Size of the population the others are compared with."""


class GrowthCase(Case):
    """A population of one size."""

    env_id: str
    num_policies: int
    num_rollouts: int
    """Rollouts of each policy that are timed; one more comes before."""
    overrides: Overrides
    repeat: int

    @property
    def label(self) -> str:
        """World, number of policies and repeat."""
        return f"{short_name(self.env_id)}, K={self.num_policies}, repeat {self.repeat + 1}"


class GrowthResult(Message):
    """What all workers spent."""

    num_policies: int
    workers: list[Training]

    @property
    def wall_rate(self) -> float:
        """Env steps of all policies together per second."""
        return self._timesteps / max(one.wall_s for one in self.workers)

    @property
    def cpu_rate(self) -> float:
        """Env steps of all policies together per CPU second."""
        return self._timesteps / sum(one.cpu_s for one in self.workers)

    @property
    def peak_memory_mib(self) -> float:
        """Of all workers."""
        return sum(one.peak_memory_mib for one in self.workers)

    @property
    def _timesteps(self) -> int:
        return self.workers[0].timesteps * self.num_policies


class _World(NamedTuple):
    env_id: str
    policy_rollouts: int
    """Rollouts of all policies together that are timed; each has two at least."""
    overrides: Overrides
    population_sizes: tuple[int, ...]


_FULL: Final = [
    _World(CART_POLE, 1024, {}, (1, 4, 16, 64, 256)),
    _World(LUNAR_LANDER, 64, {"num_steps": 256}, (1, 4, 16, 64, 256)),
]
_QUICK: Final = [_World(CART_POLE, 64, {}, (1, 16))]


def _cases(size: Size) -> list[GrowthCase]:
    return [
        GrowthCase(
            env_id=world.env_id,
            num_policies=num_policies,
            num_rollouts=max(2, world.policy_rollouts // num_policies),
            overrides=world.overrides,
            repeat=repeat,
        )
        for repeat in range(size.num_repeats(3))
        for world in (_QUICK if size.quick else _FULL)
        for num_policies in world.population_sizes
    ]


def _measure(case: GrowthCase) -> GrowthResult:
    card = ppo_card(case.env_id, case.overrides)
    request = TrainingRequest(card=card, seeds=list(range(case.num_policies)), num_rollouts=1 + case.num_rollouts)
    workers = run_together("benchmarks.population:train", share(request), Training)
    return GrowthResult(num_policies=case.num_policies, workers=workers)


def _render(measured: Sequence[tuple[GrowthCase, GrowthResult]]) -> str:
    by_world: dict[str, dict[int, list[GrowthResult]]] = {}
    for case, result in measured:
        by_world.setdefault(case.env_id, {}).setdefault(case.num_policies, []).append(result)
    rows = [
        _row(short_name(env_id), results, sizes.get(_REFERENCE, results))
        for env_id, sizes in by_world.items()
        for _, results in sorted(sizes.items())
    ]
    headings = [
        "world",
        "policies",
        "steps/CPU-s, all together",
        "steps/s, all together",
        f"CPU per policy, of that with {_REFERENCE}",
        "peak memory",
    ]
    return f"{prose(_METHOD)}\n{table(headings, rows)}"


def _row(name: str, results: Sequence[GrowthResult], reference: Sequence[GrowthResult]) -> list[str]:
    cost = statistics.median(one.cpu_rate for one in reference) / statistics.median(one.cpu_rate for one in results)
    return [
        name,
        str(results[0].num_policies),
        spread([one.cpu_rate for one in results], significant),
        significant(statistics.median(one.wall_rate for one in results)),
        f"{cost:.2f}",
        f"{statistics.median(one.peak_memory_mib for one in results):,.0f} MiB",
    ]


_METHOD: Final = f"""\
Our training of 1 to 256 policies in {NUM_WORKERS} processes of one thread (one policy in one). The cost is linear if
the CPU time per policy stays the same. LunarLander's rollouts are 256 steps long here instead of 1024, which keeps the
largest size short. The memory is that of all processes, the libraries included.
"""

GROWTH: Final = Benchmark(
    name="growth",
    title="Growth with the number of policies",
    case_type=GrowthCase,
    result_type=GrowthResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)
