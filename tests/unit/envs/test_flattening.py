"""Observations that come as a dictionary of parts, in both backends."""

from collections.abc import Iterator
from typing import ClassVar

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box, Dict
from numpy.typing import NDArray

from skillwright.core import ConfigError
from skillwright.envs import EnvCard, find_card, make_vector_env
from skillwright.envs.card import ActionComponent, ActionSpec, FieldSpec, TaskSpec
from skillwright.envs.flattening import flat_observation
from skillwright.envs.gymnasium_backend import GymnasiumVectorEnv
from skillwright.envs.rendering import record_episode

Parts = dict[str, NDArray[np.float32]]


class Walk(gymnasium.Env[Parts, NDArray[np.float32]]):
    """A point that is to come to a goal; its parts are not in the order of the alphabet."""

    metadata: ClassVar[dict[str, object]] = {"render_modes": ["rgb_array"], "render_fps": 10}
    observation_space = Dict({"place": Box(-9, 9, (2,)), "goal": Box(-9, 9, (2,)), "clock": Box(0, 9, (1,))})
    action_space = Box(-1, 1, (2,))

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self._place, self._goal, self._clock = np.zeros(2, np.float32), np.zeros(2, np.float32), 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[Parts, dict[str, object]]:
        super().reset(seed=seed)
        self._place, self._clock = np.zeros(2, np.float32), 0
        self._goal = self.np_random.uniform(-1, 1, 2).astype(np.float32)
        return self._seen(), {}

    def step(self, action: NDArray[np.float32]) -> tuple[Parts, float, bool, bool, dict[str, object]]:
        self._place, self._clock = self._place + action, self._clock + 1
        return self._seen(), 0.0, False, False, {}

    def render(self) -> NDArray[np.uint8]:
        return np.zeros((8, 8, 3), np.uint8)

    def _seen(self) -> Parts:
        return {"clock": np.array([self._clock], np.float32), "goal": self._goal.copy(), "place": self._place.copy()}


def point(index: tuple[int, int]) -> FieldSpec:
    return FieldSpec(index=index, unit="m", range=(-9.0, 9.0), role="position", meaning="A place.")


CARD = EnvCard(
    id="tests/Walk-v0",
    description="A point on a plane.",
    gymnasium_id="Walk-v0",
    horizon=4,
    observation_size=4,
    observation_keys=("place", "goal"),
    fields={"place": point((0, 2)), "goal": point((2, 4))},
    actions=ActionSpec(
        kind="continuous",
        components={axis: ActionComponent(range=(-1.0, 1.0), meaning="A step.") for axis in ("east", "north")},
    ),
    tasks={"walk": TaskSpec(text="Walk.", fitness="def fitness(s, a, n):\n    return 0.0\n")},
)


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    gymnasium.register("Walk-v0", Walk)
    yield
    gymnasium.registry.pop("Walk-v0")


def test_parts_are_put_in_the_order_of_the_card_and_not_of_the_alphabet() -> None:
    parts = {"b": np.array([[1.0], [2.0]]), "a": np.array([[3.0, 4.0], [5.0, 6.0]]), "c": np.zeros((2, 1))}
    flat = flat_observation(parts, ("b", "a"), 2)
    assert flat.tolist() == [[1, 3, 4], [2, 5, 6]]
    assert flat.dtype == np.float32
    assert flat.flags.c_contiguous


def test_gymnasiums_parts_are_the_cards_fields() -> None:
    env = GymnasiumVectorEnv(CARD, [1, 2])
    first = env.reset()
    after = env.step(np.array([[1, 0], [0, -1]], np.float32)).observation
    assert first.shape == (2, 4)
    assert (first[:, :2] == 0).all()
    assert (after[:, :2] == [[1, 0], [0, -1]]).all()
    assert (after[:, 2:] == first[:, 2:]).all()
    assert np.unique(first[:, 2:]).size == 4


def test_a_filmed_episode_has_the_same_parts() -> None:
    block = record_episode(CARD, lambda seen: np.array([0.5, 0]), seed=1).block
    assert block.next_observation[:, 0].tolist() == [0.5, 1.0, 1.5, 2.0]


def test_envpools_parts_are_the_cards_fields() -> None:
    card = find_card("FetchPush-v4")
    observation = make_vector_env(card, [3], backend="envpool").reset()[0]
    assert np.allclose(observation[6:9], observation[3:6] - observation[:3], atol=1e-6)
    assert 0.1 < np.linalg.norm(observation[25:] - observation[:3]) < 0.5


def test_a_card_that_names_no_parts_of_a_dictionary_is_refused() -> None:
    with pytest.raises(ConfigError, match="has the parts clock, goal, place; say in the card's observation_keys"):
        GymnasiumVectorEnv(CARD.model_copy(update={"observation_keys": None}), [1])


def test_a_part_that_the_world_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no part 'speed'; it has clock, goal, place"):
        GymnasiumVectorEnv(CARD.model_copy(update={"observation_keys": ("place", "speed")}), [1])


def test_parts_of_a_world_that_shows_one_array_are_refused() -> None:
    card = find_card("CartPole-v1").model_copy(update={"observation_keys": ("place",)})
    with pytest.raises(ConfigError, match="it has none, it is one array"):
        make_vector_env(card, [1], backend="envpool")
