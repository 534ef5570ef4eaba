import math
import sys
from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from skillwright.core.errors import ConfigError, MissingExtra, NotFound
from skillwright.envs.generation import generate_card, registered_ids
from skillwright.envs.transitions import TransitionBlock
from skillwright.rewards.judge import Judge

UNIT_BOX = spaces.Box(-1.0, 1.0, (3,), np.float32)


class Blank(gymnasium.Env[np.ndarray, object]):
    """A world of given spaces in which nothing happens."""

    def __init__(self, observation_space: spaces.Space[np.ndarray], action_space: spaces.Space[object]) -> None:
        self.observation_space = observation_space
        self.action_space = action_space


class Unbuildable(Blank):
    """A world that lacks a library."""

    def __init__(self) -> None:
        raise gymnasium.error.DependencyNotInstalled("the moon is not installed")


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    before = dict(gymnasium.registry)
    yield
    gymnasium.registry.clear()
    gymnasium.registry.update(before)


def register(observation: object = UNIT_BOX, action: object = UNIT_BOX, **spec: object) -> str:
    gymnasium.register(
        "Blank-v0",
        entry_point=Blank,
        kwargs={"observation_space": observation, "action_space": action},
        **spec,
    )
    return "Blank-v0"


def test_values_of_the_observation_are_numbered_with_their_bounds() -> None:
    card = generate_card("MountainCar-v0")
    assert list(card.fields) == ["obs_0", "obs_1"]
    assert card.fields["obs_1"].range == pytest.approx((-0.07, 0.07))


def test_a_bound_at_the_largest_float_is_no_bound() -> None:
    largest = np.finfo(np.float32).max
    card = generate_card(register(spaces.Box(-largest, np.inf, (1,), np.float32)))
    assert card.fields["obs_0"].range == (-math.inf, math.inf)


def test_a_value_that_never_changes_still_gets_a_range() -> None:
    card = generate_card(register(spaces.Box(0.0, 0.0, (1,), np.float32)))
    assert card.fields["obs_0"].range == (-math.inf, math.inf)


def test_an_observation_of_several_dimensions_is_flattened() -> None:
    assert generate_card(register(spaces.Box(0.0, 1.0, (2, 3), np.float32))).observation_size == 6


def test_a_long_observation_is_one_field() -> None:
    card = generate_card(register(spaces.Box(0, 255, (8, 9), np.uint8)))
    assert list(card.fields) == ["obs"]
    assert (card.fields["obs"].index, card.fields["obs"].range) == ((0, 72), (0.0, 255.0))


def test_parts_of_an_observation_are_named_after_their_keys_and_stand_one_after_another() -> None:
    goal = spaces.Box(0.0, 5.0, (2,), np.float32)
    card = generate_card(register(spaces.Dict({"achieved goal": UNIT_BOX, "goal": goal})))
    assert card.observation_keys == ("achieved goal", "goal")
    assert card.observation_size == 5
    assert list(card.fields) == ["achieved_goal_0", "achieved_goal_1", "achieved_goal_2", "goal_0", "goal_1"]
    assert (card.fields["goal_1"].index, card.fields["goal_1"].range) == (4, (0.0, 5.0))


def test_choices_are_numbered() -> None:
    actions = generate_card("MountainCar-v0").actions
    assert (actions.kind, list(actions.components)) == ("discrete", ["action_0", "action_1", "action_2"])


def test_dimensions_of_an_action_are_numbered_with_their_bounds() -> None:
    actions = generate_card(register(action=spaces.Box(-2.0, 3.0, (2,), np.float32))).actions
    assert (actions.kind, actions.size) == ("continuous", 2)
    assert actions.components["action_1"].range == (-2.0, 3.0)


def test_the_horizon_is_that_of_the_registration() -> None:
    assert generate_card(register(max_episode_steps=123)).horizon == 123


def test_a_world_without_a_time_limit_gets_one() -> None:
    assert generate_card(register()).horizon == 1000


def test_the_family_of_a_generated_card_is_gymnasium() -> None:
    card = generate_card(register())
    assert (card.id, card.gymnasium_id, card.envpool_id) == ("gymnasium/Blank-v0", "Blank-v0", None)


@pytest.mark.parametrize(
    "observation",
    [
        spaces.Discrete(4),
        spaces.Dict({}),
        spaces.Dict({"x": UNIT_BOX, "level": spaces.Discrete(4)}),
        spaces.Box(-1.0, 1.0, (), np.float32),
    ],
    ids=str,
)
def test_observations_of_another_kind_are_refused(observation: object) -> None:
    with pytest.raises(ConfigError, match="gives observations of the kind"):
        generate_card(register(observation))


@pytest.mark.parametrize(
    "action",
    [
        spaces.MultiDiscrete([2, 2]),
        spaces.Discrete(3, start=1),
        spaces.Box(-1.0, 1.0, (2, 2), np.float32),
        spaces.Box(-np.inf, np.inf, (2,), np.float32),
    ],
    ids=str,
)
def test_actions_of_another_kind_are_refused(action: object) -> None:
    with pytest.raises(ConfigError, match="takes actions of the kind"):
        generate_card(register(action=action))


def test_a_world_that_cannot_be_made_is_refused_with_the_reason() -> None:
    gymnasium.register("Unbuildable-v0", entry_point=Unbuildable)
    with pytest.raises(ConfigError, match="the moon is not installed"):
        generate_card("Unbuildable-v0")


def test_an_unknown_id_is_answered_with_a_close_one() -> None:
    with pytest.raises(NotFound, match=r"did you mean .*'MountainCar-v0'"):
        generate_card("MountainCat-v0")


def test_without_gymnasium_the_install_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(MissingExtra, match=r"skillwright\[learn\]"):
        registered_ids()


def episode(rewards: list[float]) -> TransitionBlock:
    size = len(rewards)
    state = np.zeros((size, 3), np.float32)
    ended = np.zeros(size, np.bool_)
    return TransitionBlock(state, state, state, ended, ended, np.array(rewards, np.float32))


def test_fitness_is_the_return() -> None:
    card = generate_card(register())
    [score] = Judge(card, "maximise_return").score([episode([1.0, 2.5])])
    assert score.fitness == 3.5


@pytest.mark.parametrize(("rewards", "succeeds"), [([-1.0, -2.0], True), ([-1.0, -2.5], False)])
def test_success_is_reaching_the_threshold(rewards: list[float], succeeds: bool) -> None:
    card = generate_card(register(reward_threshold=-3))
    [score] = Judge(card, "maximise_return").score([episode(rewards)])
    assert score.success is succeeds


def test_without_a_threshold_there_is_no_success_program() -> None:
    assert generate_card(register()).tasks["maximise_return"].success is None
