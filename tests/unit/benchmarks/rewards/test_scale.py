import pytest
from benchmarks.rewards.conditions import ABLATIONS, CONDITIONS, choose
from benchmarks.rewards.scale import FULL, QUICK, SCALES
from benchmarks.rewards.searching import plan_search, run_request
from benchmarks.rewards.worlds import split_task

from skillwright.core import ConfigError
from skillwright.envs import find_card

TASK = "classic_control/CartPole-v1/balance"


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
def test_every_task_of_a_scale_has_a_card_and_a_reference(scale):
    for task in scale.tasks:
        env, name = split_task(task)
        assert find_card(env).tasks[name].reference, task


def test_the_whole_benchmark_has_ten_tasks_and_five_seeds_at_least():
    assert len(FULL.tasks) >= 10
    assert min(FULL.num_seeds, QUICK.num_seeds) >= 5


def test_a_world_with_one_task_may_be_named_without_it():
    assert QUICK.among(["CartPole-v1"]).tasks == (TASK,)


def test_a_world_with_several_tasks_is_not_enough():
    with pytest.raises(ConfigError, match="several tasks"):
        QUICK.among(["LunarLander-v3"])


def test_all_searches_get_the_same_env_steps_and_workers():
    cases = [plan_search(QUICK, TASK, one) for one in (*CONDITIONS, *ABLATIONS) if one.search]

    assert len({(case.total_timesteps, case.num_workers, case.seed) for case in cases}) == 1


@pytest.mark.parametrize(
    ("condition", "shape"),
    [
        ("random-K", (QUICK.num_candidates, 1)),
        ("1-shot K·N", (QUICK.num_candidates * QUICK.num_generations, 1)),
        ("search", (QUICK.num_candidates, QUICK.num_generations)),
    ],
)
def test_searches_differ_in_how_their_candidates_are_spread(condition, shape):
    [chosen] = choose(with_ablations=False, names=[condition])
    case = plan_search(QUICK, TASK, chosen)

    assert (case.num_candidates, case.num_generations) == shape


@pytest.mark.parametrize(
    ("condition", "switch"),
    [
        ("search, no screens", "has_screens"),
        ("search, no racing", "has_racing"),
        ("search, no elitism", "has_elites"),
        ("model, no reflection", "has_reflection"),
    ],
)
def test_an_ablation_switches_one_thing_off(condition, switch):
    whole, ablated = (
        run_request(plan_search(QUICK, TASK, one), one, "none").model_dump()
        for name in (condition.partition(",")[0], condition)
        for one in choose(with_ablations=True, names=[name])
    )

    assert {name for name in whole if whole[name] != ablated[name]} == {switch}


def test_ablations_are_measured_only_where_asked_for():
    assert not {one.name for one in ABLATIONS} & {one.name for one in choose(with_ablations=False)}
