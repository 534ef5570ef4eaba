"""Whether policies trained by us are as good as those of Stable-Baselines3 after the same env steps."""

import statistics
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.protocol import Message, Training, TrainingRequest
from benchmarks.speed import FUNCTIONS
from benchmarks.tables import compare, prose, ratio, table, with_interval
from benchmarks.workers import NUM_WORKERS, run_together, share
from benchmarks.worlds import CART_POLE, HOPPER, LUNAR_LANDER, PENDULUM, ppo_card, ppo_config, short_name

__all__ = ["LEARNING", "LearningCase", "LearningResult"]

Side = Literal["ours", "Stable-Baselines3"]

_NUM_HELD_OUT: Final = 20


class LearningCase(Case):
    """Policies trained by one side to the end, and judged."""

    env_id: str
    side: Side
    seeds: tuple[int, ...]
    total_timesteps: int

    @property
    def label(self) -> str:
        """World, side, env steps and seeds."""
        seeds = f"seeds {self.seeds[0]} to {self.seeds[-1]}"
        return f"{short_name(self.env_id)}, {self.side}, {self.total_timesteps:,} steps, {seeds}"


class LearningResult(Message):
    """How good the policies are."""

    returns: list[float]
    """Mean return of the held-out episodes, one per seed."""
    timesteps: int
    """Env steps of each policy, in whole rollouts."""
    cpu_s: float
    """Of all policies, the first rollout left out."""


class _World(NamedTuple):
    env_id: str
    total_timesteps: int


_FULL: Final = [
    _World(CART_POLE, 50_000),
    _World(PENDULUM, 200_000),
    _World(LUNAR_LANDER, 200_000),
    _World(HOPPER, 200_000),
]
_QUICK: Final = [_World(CART_POLE, 10_000)]


def _cases(size: Size) -> list[LearningCase]:
    num_seeds = 2 if size.quick and size.repeats is None else size.num_repeats(10)
    seeds = tuple(range(num_seeds))
    pairs = [seeds[first : first + NUM_WORKERS] for first in range(0, num_seeds, NUM_WORKERS)]
    return [
        LearningCase(env_id=world.env_id, side=side, seeds=some, total_timesteps=world.total_timesteps)
        for world in (_QUICK if size.quick else _FULL)
        for side, groups in _groups(seeds, pairs)
        for some in groups
    ]


def _groups(seeds: tuple[int, ...], pairs: list[tuple[int, ...]]) -> list[tuple[Side, list[tuple[int, ...]]]]:
    """Says which policies are trained together: ours all at once, the others one per process."""
    return [("ours", [seeds]), ("Stable-Baselines3", pairs)]


def _measure(case: LearningCase) -> LearningResult:
    card = ppo_card(case.env_id, {})
    rollout = ppo_config(card).rollout_timesteps
    num_rollouts = -(-case.total_timesteps // rollout)
    requests = share(
        TrainingRequest(card=card, seeds=list(case.seeds), num_rollouts=num_rollouts, num_held_out=_NUM_HELD_OUT)
    )
    answers = run_together(FUNCTIONS[case.side], requests, Training)
    returns: dict[int, float] = {}
    for request, answer in zip(requests, answers, strict=True):
        returns.update(zip(request.seeds, answer.returns, strict=True))
    return LearningResult(
        returns=[returns[seed] for seed in case.seeds],
        timesteps=num_rollouts * rollout,
        cpu_s=sum(one.cpu_s for one in answers),
    )


_Sides = dict[Side, dict[int, float]]
"""Return of each seed's policy, by side."""


def _render(measured: Sequence[tuple[LearningCase, LearningResult]]) -> str:
    returns: dict[tuple[str, int], _Sides] = {}
    costs: dict[tuple[str, int], dict[Side, list[float]]] = {}
    for case, result in measured:
        world = case.env_id, result.timesteps
        returns.setdefault(world, {}).setdefault(case.side, {}).update(zip(case.seeds, result.returns, strict=True))
        costs.setdefault(world, {}).setdefault(case.side, []).append(result.cpu_s / len(case.seeds))
    rows = [
        [short_name(world[0]), f"{world[1]:,}", *_compare(sides), _cost_ratio(costs[world])]
        for world, sides in returns.items()
        if len(sides) > 1
    ]
    headings = ["world", "env steps", "seeds", "ours", "Stable-Baselines3", "difference", "so ours is", "CPU ratio"]
    return f"{prose(_METHOD)}\n{table(headings, rows)}"


def _compare(sides: _Sides) -> list[str]:
    ours, theirs = sides["ours"], sides["Stable-Baselines3"]
    seeds = sorted(ours.keys() & theirs.keys())
    differences = [ours[seed] - theirs[seed] for seed in seeds]
    columns = [[ours[seed] for seed in seeds], [theirs[seed] for seed in seeds], differences]
    return [str(len(seeds)), *(with_interval(one, decimals=0) for one in columns), _VERDICTS[compare(differences)]]


def _cost_ratio(costs: dict[Side, list[float]]) -> str:
    return ratio(statistics.mean(costs["Stable-Baselines3"]) / statistics.mean(costs["ours"]))


_VERDICTS: Final = {
    "better": "**better**",
    "worse": "**worse**",
    "no difference": "neither, as far as can be told",
    "too few": "unknown: too few seeds",
}
_METHOD: Final = f"""\
The same hyper-parameters and env steps on both sides. Each policy then plays {_NUM_HELD_OUT} held-out episodes in
Gymnasium's copies of the world, deterministically; both sides' policies are run by the same code, and meet the same
worlds. What is compared is the mean sum of the world's own reward, which is what both learned from. In brackets stand
95 % bootstrap intervals over seeds, of the difference over seeds paired by number, though nothing but the number is
shared; with so few seeds they are rather too narrow. The CPU ratio is that of whole trainings, the first rollout left
out. Known differences: our observation and reward statistics are updated once per rollout and not at each step; our
exploration begins with a standard deviation of half the action's range, theirs with 1 in the action's own unit, which
differs in Pendulum (2 N m against 1 N m).
"""

LEARNING: Final = Benchmark(
    name="learning",
    title="What is learned",
    case_type=LearningCase,
    result_type=LearningResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)
