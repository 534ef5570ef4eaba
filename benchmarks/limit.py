"""How far our training is from the limit that the worlds themselves set."""

import statistics
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.metering import Metered
from benchmarks.protocol import Message, TrainingRequest
from benchmarks.tables import prose, significant, spread, table
from benchmarks.workers import NUM_WORKERS, run_together, share
from benchmarks.worlds import CART_POLE, HALF_CHEETAH, HOPPER, LUNAR_LANDER, Overrides, ppo_card, short_name

__all__ = ["LIMIT", "LimitCase", "LimitResult"]

Kind = Literal["training", "random actions"]

_FUNCTIONS: Final[dict[Kind, str]] = {
    "training": "benchmarks.metering:train",
    "random actions": "benchmarks.metering:step_at_random",
}
_NUM_POLICIES: Final = 16
_BARS: Final = {LUNAR_LANDER: 0.75, HOPPER: 0.88}


class LimitCase(Case):
    """Env steps of a population, with and without learning."""

    env_id: str
    kind: Kind
    num_rollouts: int
    """Rollouts of each policy that are timed; one more comes before."""
    overrides: Overrides
    repeat: int

    @property
    def label(self) -> str:
        """World, kind and repeat."""
        return f"{short_name(self.env_id)}, {self.kind}, repeat {self.repeat + 1}"


class LimitResult(Message):
    """What all workers spent."""

    workers: list[Metered]

    @property
    def env_share(self) -> float:
        """Share of the CPU time spent inside the worlds' own step."""
        return sum(one.env_cpu_s for one in self.workers) / sum(one.training.cpu_s for one in self.workers)

    @property
    def rate(self) -> float:
        """Env steps per CPU second."""
        return self._timesteps / sum(one.training.cpu_s for one in self.workers)

    @property
    def env_rate(self) -> float:
        """Env steps per CPU second inside the worlds' own step."""
        return self._timesteps / sum(one.env_cpu_s for one in self.workers)

    @property
    def _timesteps(self) -> int:
        return sum(one.training.timesteps * one.num_policies for one in self.workers)


class _World(NamedTuple):
    env_id: str
    num_rollouts: int
    overrides: Overrides


_FULL: Final = [
    _World(CART_POLE, 128, {}),
    _World(LUNAR_LANDER, 3, {}),
    _World(HOPPER, 8, {}),
    _World(HALF_CHEETAH, 8, {}),
]
_QUICK: Final = [_World(LUNAR_LANDER, 2, {"num_steps": 256})]


def _cases(size: Size) -> list[LimitCase]:
    return [
        LimitCase(
            env_id=world.env_id,
            kind=kind,
            num_rollouts=world.num_rollouts,
            overrides=world.overrides,
            repeat=repeat,
        )
        for repeat in range(size.num_repeats(3))
        for world in (_QUICK if size.quick else _FULL)
        for kind in _FUNCTIONS
    ]


def _measure(case: LimitCase) -> LimitResult:
    card = ppo_card(case.env_id, case.overrides)
    request = TrainingRequest(card=card, seeds=list(range(_NUM_POLICIES)), num_rollouts=1 + case.num_rollouts)
    return LimitResult(workers=run_together(_FUNCTIONS[case.kind], share(request), Metered))


def _render(measured: Sequence[tuple[LimitCase, LimitResult]]) -> str:
    by_world: dict[str, dict[Kind, list[LimitResult]]] = {}
    for case, result in measured:
        by_world.setdefault(case.env_id, {}).setdefault(case.kind, []).append(result)
    rows = [_row(env_id, kinds) for env_id, kinds in by_world.items() if len(kinds) == len(_FUNCTIONS)]
    headings = [
        "world",
        "CPU share of the worlds' own step",
        "bar",
        "training, steps/CPU-s",
        "inside the step, steps/CPU-s",
        "random actions, steps/CPU-s",
    ]
    return f"{prose(_METHOD)}\n{table(headings, rows)}"


def _row(env_id: str, kinds: dict[Kind, list[LimitResult]]) -> list[str]:
    trained, random = kinds["training"], kinds["random actions"]
    shares = [result.env_share for result in trained]
    bar = _BARS.get(env_id)
    met = bar is not None and statistics.median(shares) >= bar
    return [
        short_name(env_id),
        spread(shares, lambda share: f"{share:.0%}"),
        "none" if bar is None else f"{bar:.0%} {'met' if met else 'missed'}",
        significant(statistics.median(result.rate for result in trained)),
        significant(statistics.median(result.env_rate for result in trained)),
        significant(statistics.median(result.rate for result in random)),
    ]


_METHOD: Final = f"""\
{_NUM_POLICIES} policies, {NUM_WORKERS} processes of one thread. While training, the CPU time of the whole process
inside EnvPool's own `step` is taken, and compared with all CPU time after the first rollout. A learner that cost
nothing would train at the rate "inside the step". With random actions, drawn beforehand, nothing but our vector
environment runs, with as many worlds; random episodes are not trained ones, so its rate can lie on either side.
"""

LIMIT: Final = Benchmark(
    name="limit",
    title="Distance to the limit",
    case_type=LimitCase,
    result_type=LimitResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)
