"""How much faster a set of policies is trained than by others: the same env steps, hyper-parameters and cores."""

import statistics
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.protocol import Message, Training, TrainingRequest
from benchmarks.tables import prose, ratio, seconds, significant, spread, table
from benchmarks.workers import NUM_WORKERS, run_together, share
from benchmarks.worlds import CART_POLE, HALF_CHEETAH, HOPPER, LUNAR_LANDER, Overrides, ppo_card, short_name

__all__ = ["FUNCTIONS", "SPEED", "Side", "SpeedCase", "SpeedResult"]

Side = Literal["ours", "Stable-Baselines3", "single file"]

FUNCTIONS: Final[dict[Side, str]] = {
    "ours": "benchmarks.population:train",
    "Stable-Baselines3": "benchmarks.stable_baselines:train",
    "single file": "benchmarks.single_file_ppo:train",
}
"""What trains on each side; all but ours take one policy at a time."""

_NUM_POLICIES: Final = 16
_BARS: Final = {
    (CART_POLE, _NUM_POLICIES): 20.0,
    (LUNAR_LANDER, _NUM_POLICIES): 15.0,
    (HOPPER, _NUM_POLICIES): 8.0,
    (HALF_CHEETAH, _NUM_POLICIES): 8.0,
}
_BAR_ALONE: Final = 4.0


class SpeedCase(Case):
    """A set of policies trained by one side."""

    env_id: str
    side: Side
    num_policies: int
    num_rollouts: int
    """Rollouts of each policy that are timed; one more comes before."""
    overrides: Overrides
    repeat: int

    @property
    def label(self) -> str:
        """World, number of policies, side and repeat."""
        return f"{short_name(self.env_id)}, K={self.num_policies}, {self.side}, repeat {self.repeat + 1}"


class SpeedResult(Message):
    """Times of all workers."""

    num_trained: int
    """Policies trained at the same time; the others follow, as many at a time."""
    workers: list[Training]

    @property
    def wall_s(self) -> float:
        """Wall seconds per env step of one policy."""
        return max(one.wall_s / one.timesteps for one in self.workers) / self.num_trained

    @property
    def cpu_s(self) -> float:
        """CPU seconds per env step of one policy."""
        return sum(one.cpu_s / one.timesteps for one in self.workers) / self.num_trained


class _World(NamedTuple):
    env_id: str
    num_rollouts: int
    overrides: Overrides
    population_sizes: tuple[int, ...]


_FULL: Final = [
    _World(CART_POLE, 128, {}, (_NUM_POLICIES, 1)),
    _World(LUNAR_LANDER, 3, {}, (_NUM_POLICIES, 1)),
    _World(HOPPER, 8, {}, (_NUM_POLICIES, 1)),
    _World(HALF_CHEETAH, 8, {}, (_NUM_POLICIES, 1)),
]
_QUICK: Final = [
    _World(CART_POLE, 16, {}, (_NUM_POLICIES, 1)),
    _World(LUNAR_LANDER, 2, {"num_steps": 256}, (_NUM_POLICIES,)),
]


def _cases(size: Size) -> list[SpeedCase]:
    return [
        SpeedCase(
            env_id=world.env_id,
            side=side,
            num_policies=num_policies,
            num_rollouts=world.num_rollouts,
            overrides=world.overrides,
            repeat=repeat,
        )
        for repeat in range(size.num_repeats(3))
        for world in (_QUICK if size.quick else _FULL)
        for num_policies in world.population_sizes
        for side in FUNCTIONS
    ]


def _measure(case: SpeedCase) -> SpeedResult:
    num_trained = case.num_policies if case.side == "ours" else min(NUM_WORKERS, case.num_policies)
    card = ppo_card(case.env_id, case.overrides)
    request = TrainingRequest(card=card, seeds=list(range(num_trained)), num_rollouts=1 + case.num_rollouts)
    return SpeedResult(num_trained=num_trained, workers=run_together(FUNCTIONS[case.side], share(request), Training))


_Measured = Sequence[tuple[SpeedCase, SpeedResult]]


class _Duel(NamedTuple):
    """Ours and another side, repeat by repeat."""

    case: SpeedCase
    """Of the other side, any repeat."""
    ours: list[SpeedResult]
    theirs: list[SpeedResult]
    """In the same order."""

    @property
    def timesteps(self) -> int:
        """Env steps of one policy."""
        return self.ours[0].workers[0].timesteps

    @property
    def wall_ratios(self) -> list[float]:
        """Theirs to ours, one per repeat."""
        return [theirs.wall_s / ours.wall_s for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def cpu_ratios(self) -> list[float]:
        """Theirs to ours, one per repeat."""
        return [theirs.cpu_s / ours.cpu_s for ours, theirs in zip(self.ours, self.theirs, strict=True)]


def _duels(measured: _Measured, side: Side) -> list[_Duel]:
    """Pairs each measurement of another side with ours of the same repeat."""
    ours = {_key(case): result for case, result in measured if case.side == "ours"}
    duels: dict[str, _Duel] = {}
    for case, result in measured:
        if case.side == side and _key(case) in ours:
            duel = duels.setdefault(_key(case.model_copy(update={"repeat": 0})), _Duel(case, [], []))
            duel.ours.append(ours[_key(case)])
            duel.theirs.append(result)
    return sorted(duels.values(), key=lambda duel: -duel.case.num_policies)


def _key(case: SpeedCase) -> str:
    return case.model_copy(update={"side": "ours"}).model_dump_json()


def _render(measured: _Measured) -> str:
    return "\n".join([prose(_METHOD), _against_stable_baselines(measured), _against_single_file(measured)])


def _against_stable_baselines(measured: _Measured) -> str:
    rows = []
    for duel in _duels(measured, "Stable-Baselines3"):
        num = duel.case.num_policies
        bar = _BARS.get((duel.case.env_id, num), _BAR_ALONE)
        met = min(statistics.median(duel.wall_ratios), statistics.median(duel.cpu_ratios)) >= bar
        times = [statistics.median(one.wall_s for one in side) for side in (duel.ours, duel.theirs)]
        rows.append(
            [
                *_begin_row(duel),
                *(seconds(time * num * duel.timesteps) for time in times),
                *_ratios(duel),
                f"{ratio(bar)} {'met' if met else 'missed'}",
            ]
        )
    return table([*_HEADINGS, "ours", "Stable-Baselines3", *_RATIOS, "bar"], rows)


def _against_single_file(measured: _Measured) -> str:
    rows = []
    for duel in _duels(measured, "single file"):
        rates = [statistics.median(1 / one.wall_s for one in side) for side in (duel.ours, duel.theirs)]
        rows.append([*_begin_row(duel), *(significant(rate) for rate in rates), *_ratios(duel)])
    rows_table = table([*_HEADINGS, "ours, steps/s", "single file, steps/s", *_RATIOS], rows)
    return f"{prose(_SINGLE_FILE)}\n{rows_table}"


def _begin_row(duel: _Duel) -> list[str]:
    return [short_name(duel.case.env_id), str(duel.case.num_policies), f"{duel.timesteps:,}"]


def _ratios(duel: _Duel) -> list[str]:
    return [spread(duel.wall_ratios, ratio), spread(duel.cpu_ratios, ratio)]


_HEADINGS: Final = ("world", "policies", "env steps each")
_RATIOS: Final = ("wall ratio", "CPU ratio")
_SINGLE_FILE: Final = """\
Against a PPO on one page in the style of CleanRL (`benchmarks/single_file_ppo.py`), in env steps of all policies
together per second:
"""
_METHOD: Final = f"""\
Every side trains the same number of policies for the same env steps with the same hyper-parameters and networks
(rl-zoo's or near them, `benchmarks/worlds.py`; 64 × 64 tanh) on the world's own reward, in {NUM_WORKERS} processes of
one thread that start together; one policy alone in one process. Ours trains them as two populations, one per process,
through `make_learner` and `Learner.train` as the product does, training episodes judged by the card's programs
included. Stable-Baselines3 runs PPO on its fastest setting for small networks on a CPU (`make_vec_env` with
`DummyVecEnv`, one thread, `device="cpu"`), one policy per process. **Its time for 16 policies, and that of the single
file, is extrapolated: 8 times the slower of two runs side by side.** The clocks start after the first rollout and its
updates, so imports, compilation and set-up are left out on all sides. An env step is a step of a world; ours include
the one per episode on which EnvPool resets it. CPU time is that of all threads of the workers.
Sides take turns; a ratio is taken within a repeat; the table gives medians over the repeats and, in brackets, the
range. A bar counts as met if the medians of both ratios reach it.
"""

SPEED: Final = Benchmark(
    name="speed",
    title="Training a set of policies",
    case_type=SpeedCase,
    result_type=SpeedResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)
