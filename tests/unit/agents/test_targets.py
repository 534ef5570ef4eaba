"""A world and a task, read from what a person types."""

import pytest

from skillwright.agents.targets import Target, find_target
from skillwright.core import ConfigError, NotFound
from skillwright.envs.catalog import find_card

CARTPOLE = "classic_control/CartPole-v1"
SEVERAL = "mujoco/Hopper-v5"


def test_a_world_with_one_task_needs_no_name_for_it():
    target = find_target("CartPole-v1", own=None)
    assert target == Target(CARTPOLE, "balance", find_card(CARTPOLE).tasks["balance"].text)


@pytest.mark.parametrize("world", ["CartPole-v1/balance", f"{CARTPOLE}/balance"])
def test_a_task_is_found_behind_the_short_and_the_long_name_of_its_world(world):
    assert find_target(world, own=None)[:2] == (CARTPOLE, "balance")


def test_a_world_with_several_tasks_names_them_all():
    names = list(find_card(SEVERAL).tasks)
    assert len(names) > 1
    with pytest.raises(ConfigError, match=f"{SEVERAL} has several tasks; say which: ") as caught:
        find_target(SEVERAL, own=None)
    assert [name for name in names if f"{SEVERAL}/{name}" not in str(caught.value)] == []


def test_a_world_with_several_tasks_takes_each_of_them():
    for name, task in find_card(SEVERAL).tasks.items():
        assert find_target(f"{SEVERAL}/{name}", own=None) == Target(SEVERAL, name, task.text)


def test_a_task_of_ones_own_needs_only_the_world():
    assert find_target(SEVERAL, own="Stand on your head") == Target(SEVERAL, None, "Stand on your head")


def test_a_task_cannot_be_named_twice():
    with pytest.raises(ConfigError, match="names the task 'balance' already; leave it out, or leave --task out"):
        find_target("CartPole-v1/balance", own="Stand on your head")


@pytest.mark.parametrize("own", [None, "Stand on your head"])
def test_a_mistyped_task_is_told_from_those_of_its_world(own):
    with pytest.raises(NotFound, match="no task is called 'balanse'; did you mean 'balance'"):
        find_target("CartPole-v1/balanse", own=own)


@pytest.mark.parametrize("world", ["CartPol-v1", "classic_control/CartPol-v1", "clasic_control/CartPole-v1", "a/b/c/d"])
def test_a_mistyped_world_is_called_a_world(world):
    with pytest.raises(NotFound, match="no environment is called"):
        find_target(world, own=None)
