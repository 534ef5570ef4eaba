"""Filming worlds that only EnvPool has."""

import sys

import numpy as np
import pytest

from skillwright.core import EnvError
from skillwright.envs import envpool_filming, find_card, make_vector_env
from skillwright.envs.rendering import RecordedEpisode, frames_per_second, record_episode

pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")

REACH = find_card("FetchReach-v4").model_copy(update={"horizon": 6})
TO_THE_LEFT = np.array([0.0, 1.0, 0.0, 0.0], np.float32)


@pytest.fixture(scope="module")
def filmed() -> RecordedEpisode:
    try:
        return record_episode(REACH, lambda seen: TO_THE_LEFT, seed=3)
    except EnvError as error:
        pytest.skip(f"nothing can be drawn here: {error}")


def test_there_is_a_frame_before_the_first_step_and_after_each(filmed: RecordedEpisode) -> None:
    assert len(filmed.frames) == filmed.block.num_transitions + 1 == 7
    assert {frame.shape for frame in filmed.frames} == {(480, 480, 3)}


def test_the_frames_show_the_robot_moving(filmed: RecordedEpisode) -> None:
    first, last = filmed.frames[0].astype(int), filmed.frames[-1].astype(int)
    assert 0.0005 < (np.abs(first - last) > 30).mean() < 0.5


def test_the_episode_is_the_one_that_training_sees(filmed: RecordedEpisode) -> None:
    env = make_vector_env(REACH, [3])
    assert np.array_equal(filmed.block.observation[0], env.reset()[0])
    for row in filmed.block.next_observation:
        assert np.array_equal(row, env.step(TO_THE_LEFT[None]).observation[0])
    assert filmed.block.truncated.tolist() == [False] * 5 + [True]


def test_a_long_episode_is_drawn_at_most_eighty_times() -> None:
    pick = find_card("metaworld/PickPlace-v3")
    assert frames_per_second(pick) == pytest.approx(80 / 7)
    assert frames_per_second(REACH) == 25


def test_a_renderer_that_ends_its_process_leaves_the_film_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envpool_filming, "_PLAYER", (sys.executable, "-c", "import os; os._exit(1)"))
    with pytest.raises(EnvError, match="fetch/FetchReach-v4 cannot be drawn: the renderer ended its process"):
        record_episode(REACH, lambda seen: TO_THE_LEFT, seed=0)
