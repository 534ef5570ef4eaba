"""What the sections of the page say about measurements."""

import pytest
from benchmarks.growth import GROWTH, GrowthCase, GrowthResult
from benchmarks.learning import LEARNING, LearningCase, LearningResult
from benchmarks.limit import LIMIT, LimitCase, LimitResult
from benchmarks.metering import Metered
from benchmarks.protocol import Training
from benchmarks.racing import RACING, RacingCase, RacingResult
from benchmarks.replay import REPLAY, ReplayCase, ReplayResult
from benchmarks.sandbox import SANDBOX, Quantiles, SandboxCase, SandboxResult
from benchmarks.speed import SPEED, SpeedCase, SpeedResult
from benchmarks.worlds import CART_POLE, LUNAR_LANDER, PENDULUM


def training(cpu_s: float, returns=()) -> Training:
    return Training(wall_s=cpu_s, cpu_s=cpu_s, timesteps=1000, peak_memory_mib=100.0, returns=list(returns))


def rows(section: str, first: str) -> list[list[str]]:
    lines = [line for line in section.splitlines() if line.startswith(f"| {first}")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def speed(side, num_trained: int, cpu_s: float, repeat: int):
    case = SpeedCase(env_id=CART_POLE, side=side, num_policies=16, num_rollouts=1, overrides={}, repeat=repeat)
    return case, SpeedResult(num_trained=num_trained, workers=[training(cpu_s)] * 2)


@pytest.mark.parametrize(("theirs", "bar"), [(5.0, "20.0× met"), (4.0, "20.0× missed")])
def test_a_speed_bar_is_held_against_the_median_of_the_ratios(theirs, bar):
    ours = [speed("ours", 16, 2.0, repeat) for repeat in range(3)]
    others = [speed("Stable-Baselines3", 2, theirs, repeat) for repeat in range(3)]

    [row] = rows(SPEED.render([*ours, *others]), "CartPole")

    assert row[-1] == bar
    assert row[3:5] == ["2.00 s", f"{8 * theirs:.1f} s"]


def test_a_side_that_was_not_measured_beside_ours_is_left_out():
    assert rows(SPEED.render([speed("Stable-Baselines3", 2, 1.0, 0)]), "CartPole") == []


def test_the_share_of_the_worlds_is_held_against_its_bar():
    def measured(kind, env_cpu_s: float):
        case = LimitCase(env_id=LUNAR_LANDER, kind=kind, num_rollouts=1, overrides={}, repeat=0)
        return case, LimitResult(workers=[Metered(training=training(1.0), num_policies=8, env_cpu_s=env_cpu_s)] * 2)

    [row] = rows(LIMIT.render([measured("training", 0.8), measured("random actions", 0.95)]), "LunarLander")

    assert row[1:] == ["80%", "75% met", "8,000", "10,000", "8,000"]


@pytest.mark.parametrize(("shift", "verdict"), [(50.0, "**better**"), (-50.0, "**worse**")])
def test_learning_says_plainly_which_side_is_better(shift, verdict):
    returns = [100.0, 110.0, 120.0, 130.0, 140.0]
    pairs = [((0, 1), returns[:2]), ((2, 3), returns[2:4]), ((4,), returns[4:])]

    def measured(side, seeds, values):
        case = LearningCase(env_id=PENDULUM, side=side, seeds=seeds, total_timesteps=1000)
        return case, LearningResult(returns=list(values), timesteps=1000, cpu_s=1.0)

    theirs = [measured("Stable-Baselines3", *pair) for pair in pairs]
    ours = measured("ours", tuple(range(5)), [value + shift for value in returns])
    [row] = rows(LEARNING.render([ours, *theirs]), "Pendulum")

    assert (row[2], row[6]) == ("5", verdict)


def test_growth_compares_the_cost_of_a_policy_with_that_among_16():
    def measured(num_policies: int, cpu_s: float):
        case = GrowthCase(env_id=CART_POLE, num_policies=num_policies, num_rollouts=1, overrides={}, repeat=0)
        return case, GrowthResult(num_policies=num_policies, workers=[training(cpu_s)])

    table = rows(GROWTH.render([measured(64, 80.0), measured(1, 2.0), measured(16, 16.0)]), "CartPole")

    assert [(row[1], row[4]) for row in table] == [("1", "2.00"), ("16", "1.00"), ("64", "1.25")]


def test_racing_compares_draws_that_were_trained_in_all_ways():
    def measured(arm, seed: int, timesteps: int, fitness: float):
        case = RacingCase(arm=arm, seed=seed, num_candidates=16, total_timesteps=100)
        return case, RacingResult(timesteps=timesteps, wall_s=1.0, winner="c0", fitness=fitness, success_rate=0.5)

    arms = [("all to the end", 1600, 0.8), ("race", 640, 0.7), ("all, cut short", 640, 0.4)]
    draws = [measured(arm, seed, *spent) for seed in range(5) for arm, *spent in arms]
    section = RACING.render([*draws, measured("race", 5, 640, 0.0)])

    [row] = rows(section, "race")
    assert (row[1], row[2], row[-1]) == ("5", "40%", "-0.10 [-0.10, -0.10]")
    assert "**worse**. Bar: 50% of the env steps, met." in section


def test_a_replay_is_judged_over_populations_and_not_over_policies():
    def measured(repeat: int, is_shared: bool, value: float):
        case = ReplayCase(env_id=PENDULUM, is_shared=is_shared, num_policies=2, total_timesteps=1000, repeat=repeat)
        return case, ReplayResult(timesteps=1000, populations=[training(4.0, [value, value + 10.0])] * 2)

    runs = [measured(repeat, is_shared, 100.0 * is_shared) for repeat in range(3) for is_shared in (False, True)]
    separate, shared = rows(REPLAY.render(runs), "Pendulum")

    assert (separate[1], separate[4], separate[7]) == ("separate", "6", "2.00 s")
    assert (shared[1], shared[5], shared[6]) == ("shared", "105 [105, 105]", "**better**")


@pytest.mark.parametrize(("times", "after", "verdict"), [(1.0, 104.0, "met"), (3.0, 106.0, "missed")])
def test_the_costs_of_the_sandbox_are_held_against_their_bars(times, after, verdict):
    def measured(kind, repeat: int = 0, **result):
        return SandboxCase(kind=kind, num=100, repeat=repeat), SandboxResult(layers=["seccomp"], **result)

    section = SANDBOX.render(
        [
            *(
                measured("calls", repeat, alone=Quantiles(p50=1e-4, p95=1e-3), overhead=Quantiles(p50=cost, p95=1e-3))
                for repeat, cost in enumerate((1e-4, times * 2e-4, 9e-3))
            ),
            measured("kills", replacement=Quantiles(p50=0.1, p95=times * 0.4)),
            measured("programs", memory_mib={"the nursery": (100.0, after)}),
        ]
    )

    assert "In force: seccomp." in section
    bars = [row[-1] for first in ("what its own", "from the kill", "memory of") for row in rows(section, first)]
    assert [bar for bar in bars if bar] == [
        f"at most 0.5 ms: {verdict}",
        f"under 1 s: {verdict}",
        f"within 5 %: {verdict}",
    ]
