"""What the section on presets says about measurements, and what is measured."""

import pytest
from benchmarks.benchmark import Size
from benchmarks.presets import PRESETS, PresetCase, PresetResult

from skillwright.envs import list_cards


def measured(seed: int = 0, success_rate: float | None = 1.0, **case: object) -> tuple[PresetCase, PresetResult]:
    setting = {
        "env_id": "mujoco/Hopper-v5",
        "task": "run",
        "algorithm": "ppo",
        "total_timesteps": 1000,
        "settings": {"gamma": 0.99},
        "required_success_rate": 0.9,
        "programs": "abc",
    }
    result = PresetResult(fitness=2.0 + seed, success_rate=success_rate, env_return=1.0, timesteps=1024, cpu_s=3.0)
    return PresetCase.model_validate({**setting, "seed": seed, **case}), result


def rows(pairs: list[tuple[PresetCase, PresetResult]]) -> list[list[str]]:
    lines = [line for line in PRESETS.render(pairs).splitlines() if line.startswith("| mujoco")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_seeds_of_one_task_stand_in_one_row() -> None:
    [row] = rows([measured(0), measured(1)])
    assert row == [
        "mujoco/Hopper-v5",
        "run",
        "ppo",
        "1,024",
        "2",
        "2.00, 3.00",
        "100%, 100%",
        "90%",
        "2 of 2 seeds",
        "3.00 s",
    ]


@pytest.mark.parametrize(
    ("rates", "verdict"),
    [
        ((0.9, 1.0), "2 of 2 seeds"),
        ((0.85, 1.0), "1 of 2 seeds"),
        ((0.5, 0.85), "**0 of 2 seeds**"),
        ((None, None), "no success program"),
    ],
)
def test_a_task_is_reached_where_enough_episodes_succeed(rates: tuple[float | None, ...], verdict: str) -> None:
    [row] = rows([measured(seed, rate) for seed, rate in enumerate(rates)])
    assert row[-2] == verdict


def test_only_the_newest_setting_of_a_task_is_shown() -> None:
    [row] = rows([measured(0, settings={"gamma": 0.9}), measured(0, 0.0), measured(1, 0.0)])
    assert (row[4], row[-2]) == ("2", "**0 of 2 seeds**")


def test_every_task_with_a_reference_reward_is_measured_once_per_seed() -> None:
    tasks = {(card.id, name) for card in list_cards() for name, task in card.tasks.items() if task.reference}
    cases = [planned.case for planned in PRESETS.plan(Size(repeats=2))]
    assert {(case.env_id, case.task) for case in cases if isinstance(case, PresetCase)} == tasks
    assert len({case.model_dump_json() for case in cases}) == len(cases) == 2 * len(tasks)


def test_a_broken_off_run_has_the_first_seed_of_every_task_before_any_second() -> None:
    cases = [planned.case for planned in PRESETS.plan(Size(repeats=2))]
    seeds = [case.seed for case in cases if isinstance(case, PresetCase)]
    assert seeds == sorted(seeds)


@pytest.mark.slow
def test_a_preset_is_trained_and_judged() -> None:
    [planned] = PRESETS.plan(Size(quick=True))
    result = planned.measure()
    assert isinstance(result, PresetResult)
    assert result.timesteps >= 10_000
    assert 0.1 < result.fitness <= 1.0
