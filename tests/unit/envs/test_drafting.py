"""A drafted card: what it takes from the docstring, the model and random play."""

from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from skillwright.core.errors import NotFound
from skillwright.envs.card import EnvCard
from skillwright.envs.drafting import draft_card
from skillwright.envs.gymnasium_backend import GymnasiumVectorEnv
from skillwright.envs.transitions import TransitionBlock
from skillwright.rewards.judge import Judge


class Spring(gymnasium.Env[object, object]):
    """A weight on a spring.

    ## Observation Space
    | Num | Observation       | Unit           |
    |-----|-------------------|----------------|
    | 0   | Position          | position (m)   |
    | 1   | Velocity          | velocity (m/s) |

    ## Action Space
    | Num | Action      | Unit      |
    |-----|-------------|-----------|
    | 0   | Pull upward | force (N) |
    """

    def __init__(self, observation_space: spaces.Space[object], render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space = observation_space
        self.action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
        self.state = np.zeros(2, np.float32)

    def reset(self, *, seed: int | None = None, options: object = None) -> tuple[object, dict[str, object]]:
        self.state = np.zeros(2, np.float32)
        return self._seen(), {}

    def step(self, action: object) -> tuple[object, float, bool, bool, dict[str, object]]:
        self.state = np.clip(self.state + 0.25 * np.asarray(action)[0], -0.5, 0.5).astype(np.float32)
        return self._seen(), 1.0, False, False, {}

    def _seen(self) -> object:
        if isinstance(self.observation_space, spaces.Dict):
            return {"weight": self.state, "goal": np.full(1, 7.0, np.float32)}
        return np.resize(self.state, self.observation_space.shape or ())


FLAT = spaces.Box(-np.inf, np.inf, (2,), np.float32)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    before = dict(gymnasium.registry)
    yield
    gymnasium.registry.clear()
    gymnasium.registry.update(before)


def drafted(observation_space: spaces.Space[object] = FLAT, env_id: str = "Spring-v0") -> EnvCard:
    gymnasium.register(
        env_id, entry_point=Spring, max_episode_steps=50, kwargs={"observation_space": observation_space}
    )
    return draft_card(env_id)


def test_names_units_and_roles_come_from_the_docstring() -> None:
    fields = drafted().fields
    assert {name: (field.index, field.unit, field.role) for name, field in fields.items()} == {
        "position": (0, "m", "position"),
        "velocity": (1, "m/s", "velocity"),
    }


def test_parts_of_the_action_are_named_with_their_unit() -> None:
    [(name, part)] = drafted().actions.components.items()
    assert (name, part.unit, part.range, part.meaning) == ("pull_upward", "N", (-1.0, 1.0), "Pull upward.")


def test_ranges_are_those_of_random_play_and_a_little_more() -> None:
    low, high = drafted().fields["position"].range
    assert (low, high) == (pytest.approx(-0.6), pytest.approx(0.6))


def test_ranges_stay_inside_the_observation_space() -> None:
    assert drafted(spaces.Box(-0.5, 0.55, (2,), np.float32)).fields["position"].range == (-0.5, 0.55)


def test_what_the_docstring_leaves_out_stays_together() -> None:
    fields = drafted(spaces.Box(-np.inf, np.inf, (5,), np.float32)).fields
    assert list(fields) == ["position", "velocity", "obs_2_to_4"]
    assert fields["obs_2_to_4"].index == (2, 5)


def test_a_docstring_of_more_values_than_there_are_is_not_believed() -> None:
    assert list(drafted(spaces.Box(-np.inf, np.inf, (1,), np.float32)).fields) == ["obs_0"]


def test_an_observation_of_several_parts_is_drafted_and_can_be_stepped() -> None:
    goal = spaces.Box(0.0, 9.0, (1,), np.float32)
    card = drafted(spaces.Dict({"goal": goal, "weight": FLAT}))
    assert list(card.fields) == ["goal_0", "weight_0", "weight_1"]
    assert card.fields["goal_0"].range == (pytest.approx(6.99, abs=0.01), pytest.approx(7.01, abs=0.01))
    envs = GymnasiumVectorEnv(card, [1, 2])
    assert envs.reset().tolist() == [[7.0, 0.0, 0.0]] * 2
    envs.close()


def test_the_task_is_the_worlds_own_return() -> None:
    card = drafted()
    state, ended = np.zeros((3, 2), np.float32), np.zeros(3, np.bool_)
    block = TransitionBlock(state, state[:, :1], state, ended, ended, np.ones(3, np.float32))
    [score] = Judge(card, "maximise_return").score([block])
    assert (score.success, score.fitness) == (None, 3.0)


def test_a_world_of_gymnasium_goes_into_its_familys_folder() -> None:
    assert draft_card("Acrobot-v1").id == "classic_control/Acrobot-v1"


def test_another_world_goes_into_the_folder_of_its_namespace_or_its_package() -> None:
    assert drafted(env_id="tools/Spring-v0").id == "tools/Spring-v0"
    assert drafted(env_id="Spring-v1").id == f"{__name__.partition('.')[0]}/Spring-v1"


def test_a_sine_and_a_cosine_give_their_angle() -> None:
    angle = draft_card("Pendulum-v1").fields["theta"]
    assert angle.angle_of == ("sin_theta", "cos_theta")


def test_two_drafts_are_the_same() -> None:
    assert draft_card("Acrobot-v1") == draft_card("Acrobot-v1")


def test_an_unknown_world_is_answered_with_a_close_one() -> None:
    with pytest.raises(NotFound, match=r"did you mean .*'MountainCar-v0'"):
        draft_card("MountainCat-v0")


def test_values_of_a_mujoco_world_are_named_after_its_joints() -> None:
    pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    card = draft_card("Ant-v5")
    written = {
        "z": (0, "m"),
        "orientation_w": (1, "1"),
        "hip_1_angle": (5, "rad"),
        "vx": (13, "m/s"),
        "angular_velocity_z": (18, "rad/s"),
        "ankle_4_velocity": (26, "rad/s"),
        "obs_27_to_104": ((27, 105), "1"),
    }
    assert {name: (card.fields[name].index, card.fields[name].unit) for name in written} == written
    assert list(card.actions.components)[:2] == ["hip_4", "ankle_4"]


def test_a_mujoco_world_that_does_not_say_how_it_is_laid_out_is_named_by_words() -> None:
    pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    assert "angular_velocity_first_arm" in draft_card("Reacher-v5").fields
