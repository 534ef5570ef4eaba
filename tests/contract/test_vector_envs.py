"""Every backend keeps the contract of VectorEnv, and both show the same world."""

from itertools import pairwise

import numpy as np
import pytest

from skillwright.envs import EnvCard, StepBatch, VectorEnv, make_vector_env
from skillwright.envs.catalog import find_card, list_cards
from skillwright.learners.worlds import training_seed

BACKENDS = ("envpool", "gymnasium")
WORLDS = [
    (card.id, backend)
    for card in list_cards()
    for backend in BACKENDS
    if backend == "envpool" or card.gymnasium_id is not None
]
IN_BOTH = [card_id for card_id, backend in WORLDS if backend == "gymnasium"]
HORIZON = {"mujoco/Hopper-v5": 20, "mujoco/Humanoid-v5": 20, "mujoco/Walker2d-v5": 20}
"""Horizons at which random episodes end both ways; 40 where nothing is said."""
FALLS_EARLY = {"classic_control/CartPole-v1"}
"""Worlds in which hardly any random episode reaches the horizon."""


def put(twin, *state):
    """Puts a classic world of Gymnasium's into a state."""
    twin.unwrapped.state = np.array(state, np.float64)


def put_robot(twin, positions, velocities, *, hidden=1):
    """Puts a MuJoCo robot into a state; the observation leaves out how far it has come, which changes nothing."""
    twin.unwrapped.set_state(np.array([*np.zeros(hidden), *positions]), np.array(velocities))


def put_reacher(twin, seen):
    """Puts the arm and the target where they were seen."""
    angles = np.arctan2(seen[2:4], seen[0:2])
    twin.unwrapped.set_state(np.array([*angles, *seen[4:6]]), np.array([*seen[6:8], 0.0, 0.0]))


def put_pusher(twin, seen):
    """Puts the arm and the cylinder where they were seen; in the model both slide from the goal, y first."""
    x, y = seen[17:19] - seen[20:22]
    twin.unwrapped.set_state(np.array([*seen[:7], y, x, 0.0, 0.0]), np.array([*seen[7:14], *np.zeros(4)]))


SET_STATE = {
    "classic_control/CartPole-v1": lambda twin, seen: put(twin, *seen),
    "classic_control/MountainCarContinuous-v0": lambda twin, seen: put(twin, *seen),
    "classic_control/Pendulum-v1": lambda twin, seen: put(twin, np.arctan2(seen[1], seen[0]), seen[2]),
    "classic_control/Acrobot-v1": lambda twin, seen: put(
        twin, np.arctan2(seen[1], seen[0]), np.arctan2(seen[3], seen[2]), seen[4], seen[5]
    ),
    "mujoco/Hopper-v5": lambda twin, seen: put_robot(twin, seen[:5], seen[5:]),
    "mujoco/HalfCheetah-v5": lambda twin, seen: put_robot(twin, seen[:8], seen[8:]),
    "mujoco/Walker2d-v5": lambda twin, seen: put_robot(twin, seen[:8], seen[8:]),
    "mujoco/Swimmer-v5": lambda twin, seen: put_robot(twin, seen[:3], seen[3:], hidden=2),
    "mujoco/Ant-v5": lambda twin, seen: put_robot(twin, seen[:13], seen[13:27], hidden=2),
    "mujoco/Humanoid-v5": lambda twin, seen: put_robot(twin, seen[:22], seen[22:45], hidden=2),
    "mujoco/Reacher-v5": put_reacher,
    "mujoco/Pusher-v5": put_pusher,
}
"""Worlds whose whole state can be read off an observation, and how to put Gymnasium's into it."""
CHAOTIC = {"mujoco/HalfCheetah-v5"}
"""Worlds in which the last bits of a state grow to metres within 40 steps; Gymnasium's follows at every step."""
FOLLOWED = {"mujoco/Ant-v5": 25, "mujoco/Humanoid-v5": 12}
"""Steps after which the last bits of a state have grown too large to compare; 60 where nothing is said."""


@pytest.fixture(autouse=True)
def _working_folder(tmp_path, monkeypatch):
    """MuJoCo writes its warnings into the working folder."""
    monkeypatch.chdir(tmp_path)


def need(card: EnvCard) -> None:
    """Skips where what Gymnasium needs for a world is not installed."""
    if card.id.startswith("mujoco/"):
        pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")


def random_actions(card: EnvCard, num_steps: int, num_envs: int, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    if card.actions.kind == "discrete":
        return list(random.integers(card.actions.size, size=(num_steps, num_envs)))
    low, high = np.array([part.range for part in card.actions.components.values()]).T
    return list(random.uniform(low, high, (num_steps, num_envs, card.actions.size)).astype(np.float32))


def roll(env: VectorEnv, actions: list[np.ndarray]) -> tuple[np.ndarray, list[StepBatch]]:
    first = env.reset()
    batches = [env.step(action) for action in actions]
    env.close()
    return first, batches


@pytest.fixture(params=WORLDS, ids=str)
def world(request) -> tuple[EnvCard, str]:
    name, backend = request.param
    card = find_card(name).model_copy(update={"horizon": HORIZON.get(name, 40)})
    if backend == "gymnasium":
        need(card)
    return card, backend


def test_shapes_and_dtypes_are_as_promised(world):
    card, backend = world
    first, batches = roll(make_vector_env(card, [1, 2, 3], backend=backend), random_actions(card, 5, 3, 0))
    assert first.shape == (3, card.observation_size) and first.dtype == np.float32
    for batch in batches:
        assert batch.observation.shape == first.shape and batch.observation.dtype == np.float32
        assert batch.reward.shape == (3,) and batch.reward.dtype == np.float32
        assert all(flag.shape == (3,) and flag.dtype == np.bool_ for flag in batch[2:])


def test_the_time_limit_truncates_and_does_not_terminate(world):
    card, backend = world
    _, batches = roll(make_vector_env(card, range(8), backend=backend), random_actions(card, 120, 8, 1))
    lengths = np.zeros(8, int)
    truncated = 0
    for batch in batches:
        lengths = np.where(batch.is_reset, 0, lengths + 1)
        assert not (batch.terminated & batch.truncated).any()
        assert (lengths[batch.truncated] == card.horizon).all()
        assert (lengths <= card.horizon).all()
        truncated += batch.truncated.sum()
    if card.id not in FALLS_EARLY:
        assert truncated > 0


def test_the_step_after_an_end_only_resets(world):
    card, backend = world
    _, batches = roll(make_vector_env(card, range(6), backend=backend), random_actions(card, 100, 6, 2))
    ends = 0
    for before, after in pairwise(batches):
        ended = before.terminated | before.truncated
        ends += ended.sum()
        assert (after.is_reset == ended).all()
        assert (after.reward[after.is_reset] == 0).all()
        assert not (after.terminated | after.truncated)[after.is_reset].any()
    assert ends > 0


def test_the_last_observation_of_an_episode_is_its_true_final_state():
    card = find_card("CartPole-v1")
    for backend in BACKENDS:
        _, batches = roll(make_vector_env(card, range(16), backend=backend), random_actions(card, 60, 16, 3))
        for batch in batches:
            final = batch.observation[batch.terminated]
            assert ((np.abs(final[:, 0]) > 2.4) | (np.abs(final[:, 2]) > 0.2094)).all()


def test_arrays_belong_to_the_caller(world):
    card, backend = world
    env = make_vector_env(card, [1, 2], backend=backend)
    kept = env.reset()
    copy = kept.copy()
    actions = random_actions(card, 3, 2, 4)
    batch = env.step(actions[0])
    columns = [column.copy() for column in batch]
    env.step(actions[1])
    env.step(actions[2])
    env.close()
    assert np.array_equal(kept, copy)
    assert all(np.array_equal(was, now) for was, now in zip(columns, batch, strict=True))


def test_the_same_seeds_give_identical_arrays(world):
    card, backend = world
    actions = random_actions(card, 60, 4, 5)
    one, two = (roll(make_vector_env(card, [7, 8, 9, 10], backend=backend), actions) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    for first, second in zip(one[1], two[1], strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_an_episode_depends_on_its_seed_and_not_on_its_neighbours(world):
    card, backend = world
    actions = random_actions(card, 60, 3, 6)
    _, together = roll(make_vector_env(card, [7, 8, 9], backend=backend), actions)
    _, alone = roll(make_vector_env(card, [8], backend=backend), [action[1:2] for action in actions])
    for first, second in zip(together, alone, strict=True):
        assert np.array_equal(first.observation[1:2], second.observation)


@pytest.mark.parametrize("card_id", SET_STATE)
def test_both_backends_compute_the_same_trajectory_from_the_same_state_and_actions(card_id):
    from skillwright.envs.gymnasium_backend import make_gymnasium_env

    card = find_card(card_id)
    need(card)
    actions = random_actions(card, 200, 4, 7)
    first, batches = roll(
        make_vector_env(card, [training_seed(3, env) for env in range(4)], backend="envpool"), actions
    )
    for env in range(4):
        twin = make_gymnasium_env(card)
        twin.reset(seed=0)
        before = first
        for step, batch in enumerate(batches):
            if step == 0 or card_id in CHAOTIC:
                SET_STATE[card_id](twin, before[env].astype(np.float64))
            before = batch.observation
            action = actions[step][env]
            seen, reward, terminated, truncated, _ = twin.step(int(action) if action.ndim == 0 else action)
            assert np.allclose(seen, batch.observation[env], rtol=2e-3, atol=2e-3), (step, seen, batch.observation[env])
            assert reward == pytest.approx(batch.reward[env], abs=5e-3)
            assert terminated == batch.terminated[env]
            assert (truncated and not terminated) == batch.truncated[env]
            if terminated or truncated or step > FOLLOWED.get(card_id, 60):
                break
        twin.close()


@pytest.mark.parametrize("card_id", [card for card in IN_BOTH if card not in SET_STATE])
def test_both_backends_have_the_same_dynamics_where_terrain_is_drawn_at_random(card_id):
    """Box2D worlds draw terrain and pushes from generators of their own, so distributions are compared."""
    card = find_card(card_id)
    samples = {}
    for backend in BACKENDS:
        actions = random_actions(card, 150, 64, 8)
        first, batches = roll(make_vector_env(card, range(64), backend=backend), actions)
        lengths, returns = np.full(64, len(batches)), np.zeros(64)
        alive = np.ones(64, bool)
        for step, batch in enumerate(batches):
            returns += np.where(alive, batch.reward, 0)
            ended = alive & (batch.terminated | batch.truncated)
            lengths[ended] = step + 1
            alive &= ~ended
        samples[backend] = np.column_stack([first, lengths, returns])
    one, other = samples["envpool"], samples["gymnasium"]
    error = np.sqrt(one.var(axis=0) / 64 + other.var(axis=0) / 64) + 1e-3
    assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) < 4.5 * error).all()
