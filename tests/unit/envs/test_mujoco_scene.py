"""What a film of a MuJoCo world shows."""

from contextlib import contextmanager

import numpy as np
import pytest

from skillwright.core.errors import EnvError
from skillwright.envs.catalog import find_card
from skillwright.envs.gymnasium_backend import make_gymnasium_env
from skillwright.envs.headless import headless
from skillwright.envs.mujoco_scene import prepare_mujoco
from skillwright.envs.quiet import quiet_mujoco


@contextmanager
def drawn(env_id):
    """A robot that can be drawn; skips where MuJoCo, or what it draws with, is not installed."""
    pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    with headless(), quiet_mujoco():
        env = make_gymnasium_env(find_card(env_id), render_mode="rgb_array")
        try:
            prepare_mujoco(env)
        except EnvError as error:
            pytest.skip(str(error))
        yield env
        env.close()


@pytest.fixture(params=["Hopper-v5", "HalfCheetah-v5"])
def robot(request):
    with drawn(request.param) as env:
        yield env


@pytest.mark.parametrize(("env_id", "share"), [("Reacher-v5", 0.4), ("Pusher-v5", 0.4)])
def test_a_robot_that_no_camera_follows_fills_the_picture(env_id, share):
    with drawn(env_id) as env:
        env.reset(seed=0)
        picture = env.render().astype(np.float64)
    corner = picture[0, 0]
    columns = np.flatnonzero((np.abs(picture - corner).max(axis=-1) > 60).any(axis=0))
    assert share < np.ptp(columns) / picture.shape[1] < 1


def test_camera_and_floor_follow_a_robot_that_runs_away(robot):
    world = robot.unwrapped
    robot.reset(seed=0)
    shares = []
    for metres in (0.0, 200.0):
        world.set_state(np.array([metres, *world.data.qpos[1:]]), world.data.qvel.copy())
        picture = robot.render().astype(np.float64)
        brown = picture[..., 0] > 1.3 * picture[..., 2]
        light = picture.min(axis=-1) > 120
        shares.append((brown.mean(), light[400:].mean()))
    assert min(shares[0]) > 0.005
    assert shares[1] == pytest.approx(shares[0], rel=0.3)


def test_what_is_done_for_the_film_changes_nothing_the_robot_feels(robot):
    twin = make_gymnasium_env(find_card(robot.spec.id))
    actions = np.random.default_rng(0).uniform(-1, 1, (20, *robot.action_space.shape)).astype(np.float32)
    np.testing.assert_array_equal(robot.reset(seed=3)[0], twin.reset(seed=3)[0])
    for action in actions:
        np.testing.assert_array_equal(robot.step(action)[0], twin.step(action)[0])
    twin.close()


def test_a_world_that_is_not_mujocos_is_left_alone():
    env = make_gymnasium_env(find_card("CartPole-v1"), render_mode="rgb_array")
    before = dict(vars(env.unwrapped))
    prepare_mujoco(env)
    assert vars(env.unwrapped) == before
    env.close()
