"""What every built-in env card promises, held against Gymnasium and against controllers written by hand."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import envpool
import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from skillwright.envs import make_vector_env
from skillwright.envs.card import EnvCard
from skillwright.envs.envpool_backend import envpool_has
from skillwright.envs.loading import load_card
from skillwright.envs.transitions import StateView, TransitionBlock
from skillwright.learners.registry import make_learner
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Program
from skillwright.rewards.sources import ProgramReward

ROOT = Path(__file__).parents[2]
CARD_IDS = sorted(
    path.relative_to(ROOT / "envs").as_posix().removesuffix(".yaml")
    for path in (ROOT / "envs").rglob("*.yaml")
    if not path.name.startswith("_")
)
Observation = NDArray[np.float32]
Controller = Callable[[Observation], object]


@cache
def card_of(card_id: str) -> EnvCard:
    return load_card(ROOT / "envs" / f"{card_id}.yaml")


SPEEDS = {
    "mujoco/Ant-v5": (-1.0, 1.0),
    "mujoco/HalfCheetah-v5": (-1.5, 1.5),
    "mujoco/Hopper-v5": (-1.0, 1.0),
    "mujoco/Humanoid-v5": (-1.0, 1.0),
    "mujoco/Swimmer-v5": (-0.2, 0.2),
    "mujoco/Walker2d-v5": (-1.0, 1.0),
}
"""Worlds whose fitness is no share but a speed in m/s, and between which ones random actions move a robot."""
TOLERANCES = {
    "box2d/BipedalWalker-v3": 0.1,
    "mujoco/Ant-v5": 0.7,
    "mujoco/HalfCheetah-v5": 0.8,
    "mujoco/Hopper-v5": 0.03,
    "mujoco/Humanoid-v5": 0.06,
    "mujoco/Swimmer-v5": 0.4,
    "mujoco/Walker2d-v5": 0.15,
}
"""How far the reference may be from the reward of a step that depends on a position no program sees."""
OTHER_REWARDS = {
    ("box2d/LunarLander-v3", "hover"),
    ("box2d/LunarLander-v3", "approach"),
    ("box2d/LunarLanderContinuous-v3", "hover"),
    ("mujoco/Ant-v5", "spin"),
    ("mujoco/HalfCheetah-v5", "run_backward"),
    ("mujoco/Hopper-v5", "jump"),
    ("mujoco/Humanoid-v5", "stand"),
    ("mujoco/Swimmer-v5", "swim_backward"),
    ("mujoco/Walker2d-v5", "walk"),
}
"""Tasks that ask for something else than the world's own reward does."""
TASKS = [(card_id, task) for card_id in CARD_IDS for task in card_of(card_id).tasks]
IN_GYMNASIUM = [card_id for card_id in CARD_IDS if card_of(card_id).gymnasium_id is not None]
IN_ENVPOOL_ALONE = [card_id for card_id in CARD_IDS if card_of(card_id).gymnasium_id is None]


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MuJoCo writes its warnings into the working folder."""
    monkeypatch.chdir(tmp_path)


def make(card: EnvCard) -> gymnasium.Env[Observation, object]:
    """Makes Gymnasium's world; skips where what it needs is not installed."""
    if card.id.startswith("mujoco/"):
        pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    assert card.gymnasium_id is not None
    return gymnasium.make(card.gymnasium_id)


def play(card: EnvCard, controller: Controller | None, seed: int) -> TransitionBlock:
    """Plays one episode; without a controller, at random."""
    env = make(card)
    env.action_space.seed(seed)
    observation, _ = env.reset(seed=seed)
    rows = []
    ended = False
    while not ended:
        action = env.action_space.sample() if controller is None else controller(observation)
        after, reward, terminated, truncated, _ = env.step(action)
        rows.append((observation, action, after, terminated, truncated and not terminated, reward))
        observation, ended = after, terminated or truncated
    env.close()
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    floats = (0, 2, 5) if card.actions.kind == "discrete" else (0, 1, 2, 5)
    return TransitionBlock(*(c.astype(np.float32) if k in floats else c for k, c in enumerate(columns)))


def play_in_envpool(card: EnvCard, seed: int) -> TransitionBlock:
    """Plays one episode at random, each action for a while."""
    env = make_vector_env(card, [seed], backend="envpool")
    low, high = np.array(card.actions.bounds, np.float32)
    random, action = np.random.default_rng(seed), low
    observation, rows = env.reset(), []
    while not rows or not (rows[-1][3] or rows[-1][4]):
        action = random.uniform(low, high).astype(np.float32) if len(rows) % 8 == 0 else action
        batch = env.step(action[None])
        rows.append(
            (observation[0], action, batch.observation[0], batch.terminated[0], batch.truncated[0], batch.reward[0])
        )
        observation = batch.observation
    env.close()
    return TransitionBlock(*(np.array(column) for column in zip(*rows, strict=True)))


@cache
def random_episodes(card_id: str) -> list[TransitionBlock]:
    card = card_of(card_id)
    if card.gymnasium_id is None:
        return [play_in_envpool(card, seed) for seed in range(2)]
    return [play(card, None, seed) for seed in range(6)]


def judge(card: EnvCard, task: str, block: TransitionBlock) -> tuple[bool | None, float]:
    [score] = Judge(card, task).score([block])
    return score.success, score.fitness


def fitness_of(card_id: str, task: str, block: TransitionBlock) -> float:
    return judge(card_of(card_id), task, block)[1]


def reference_terms(card: EnvCard, task: str, block: TransitionBlock) -> dict[str, NDArray[np.floating]]:
    reference = card.tasks[task].reference
    assert reference is not None
    source = (ROOT / "rewards" / reference).read_text(encoding="utf-8")
    return ProgramReward(card, Program(source=source)).score(block).terms


@pytest.mark.parametrize("card_id", CARD_IDS)
def test_the_id_of_a_card_is_its_place(card_id: str) -> None:
    assert card_of(card_id).id == card_id


@pytest.mark.parametrize("card_id", IN_GYMNASIUM)
def test_sizes_and_horizon_are_gymnasiums(card_id: str) -> None:
    card, env = card_of(card_id), make(card_of(card_id))
    assert env.observation_space.shape == (card.observation_size,)
    assert env.spec is not None
    assert env.spec.max_episode_steps == card.horizon


@pytest.mark.parametrize("card_id", IN_ENVPOOL_ALONE)
def test_the_horizon_is_envpools(card_id: str) -> None:
    card = card_of(card_id)
    assert envpool.make_spec(card.envpool_id).config.max_episode_steps == card.horizon


@pytest.mark.parametrize("card_id", IN_ENVPOOL_ALONE)
def test_a_world_of_envpool_alone_says_how_long_a_step_takes(card_id: str) -> None:
    assert card_of(card_id).step_s is not None


@pytest.mark.parametrize("card_id", IN_GYMNASIUM)
def test_actions_are_gymnasiums(card_id: str) -> None:
    actions, space = card_of(card_id).actions, make(card_of(card_id)).action_space
    if actions.kind == "discrete":
        assert isinstance(space, Discrete)
        assert (space.start, space.n) == (0, actions.size)
    else:
        assert isinstance(space, Box)
        bounds = np.array([component.range for component in actions.components.values()])
        np.testing.assert_allclose(bounds, np.stack([space.low, space.high], axis=1), rtol=1e-6)


@pytest.mark.parametrize("card_id", CARD_IDS)
def test_every_value_of_the_observation_has_one_name(card_id: str) -> None:
    card = card_of(card_id)
    named = [k for field in card.fields.values() if field.index is not None for k in range(field.start, field.stop)]
    assert sorted(named) == list(range(card.observation_size))


@pytest.mark.parametrize("card_id", CARD_IDS)
def test_observed_values_lie_in_the_declared_ranges(card_id: str) -> None:
    card = card_of(card_id)
    for block in random_episodes(card_id):
        for name, field in card.fields.items():
            values = StateView("the state", card, block.next_observation, {}).column(name)
            low, high = field.range
            slack = 1e-3 * (high - low)
            assert low - slack <= values.min(), name
            assert values.max() <= high + slack, name


@pytest.mark.parametrize("card_id", CARD_IDS)
def test_envpool_has_the_world(card_id: str) -> None:
    envpool_id = card_of(card_id).envpool_id
    assert envpool_id is not None
    assert envpool_has(envpool_id)


@pytest.mark.parametrize("card_id", CARD_IDS)
def test_the_learner_preset_uses_known_settings(card_id: str) -> None:
    assert make_learner(card_of(card_id)).rollout_timesteps > 0
    assert make_learner(card_of(card_id), is_final=True).rollout_timesteps > 0


@pytest.mark.parametrize("card_id", CARD_IDS)
def test_every_task_can_be_verified(card_id: str) -> None:
    assert all(task.success is not None for task in card_of(card_id).tasks.values())


@pytest.mark.parametrize(("card_id", "task"), TASKS)
def test_judges_give_a_bool_and_a_share_or_a_speed(card_id: str, task: str) -> None:
    low, high = SPEEDS.get(card_id, (0.0, 1.0))
    for block in random_episodes(card_id):
        success, fitness = judge(card_of(card_id), task, block)
        assert isinstance(success, bool)
        assert isinstance(fitness, float)
        assert low <= fitness <= high


@pytest.mark.parametrize(("card_id", "task"), TASKS)
def test_judges_bear_an_episode_of_one_step(card_id: str, task: str) -> None:
    first = TransitionBlock(*(column[:1] for column in random_episodes(card_id)[0]))
    success, fitness = judge(card_of(card_id), task, first)
    assert success is False
    assert isinstance(fitness, float)


@pytest.mark.parametrize(("card_id", "task"), TASKS)
def test_the_reference_gives_one_finite_number_per_term_and_transition(card_id: str, task: str) -> None:
    block = random_episodes(card_id)[0]
    terms = reference_terms(card_of(card_id), task, block)
    assert terms
    for values in terms.values():
        assert values.shape == (block.num_transitions,)
        assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("card_id", "task"), [(c, t) for c, t in TASKS if c in IN_GYMNASIUM and (c, t) not in OTHER_REWARDS]
)
def test_the_reference_is_the_worlds_own_reward(card_id: str, task: str) -> None:
    for block in random_episodes(card_id):
        total = np.asarray(sum(reference_terms(card_of(card_id), task, block).values()))
        np.testing.assert_allclose(total, block.env_reward, atol=TOLERANCES.get(card_id, 1e-3))
        assert total.mean() == pytest.approx(block.env_reward.mean(), abs=0.03)


def balance(observation: Observation) -> int:
    x, vx, angle, angular_velocity = observation
    return int(angle + 0.25 * angular_velocity + 0.05 * x + 0.1 * vx > 0)


def drive_with_the_motion(observation: Observation) -> Observation:
    return np.array([1.0 if observation[1] >= 0 else -1.0], np.float32)


def pump_with_the_lower_link(observation: Observation) -> int:
    return 2 if observation[4] < 0 else 0


def swing_up_and_hold(observation: Observation) -> Observation:
    cos, sin, angular_velocity = observation
    missing_energy = 5 - (angular_velocity**2 / 6 + 5 * cos)
    pump = 2 * np.sign(missing_energy * angular_velocity)
    hold = -12 * np.arctan2(sin, cos) - 3 * angular_velocity
    torque = hold if cos > 0.9 and abs(angular_velocity) < 3 else pump
    return np.clip(np.array([torque], np.float32), -2, 2)


def wanted_thrust(observation: Observation, height: float) -> tuple[float, float]:
    """How much a lander should turn, and how much rise, to be above the pad at a height."""
    x, y, vx, vy, angle, angular_velocity, right, left = map(float, observation)
    lean = float(np.clip(0.5 * x + vx, -0.4, 0.4))
    turn, lift = 0.5 * (lean - angle) - angular_velocity, 0.5 * (height - y) - 0.5 * vy
    return (0.0, -0.5 * vy) if right or left else (turn, lift)


def fire(turn: float, lift: float) -> int:
    if lift > abs(turn) and lift > 0.05:
        return 2
    return 3 if turn < -0.05 else 1 if turn > 0.05 else 0


def land(observation: Observation) -> int:
    return fire(*wanted_thrust(observation, 0.55 * abs(float(observation[0]))))


def land_with_throttles(observation: Observation) -> Observation:
    turn, lift = wanted_thrust(observation, 0.55 * abs(float(observation[0])))
    return np.clip(np.array([20 * lift - 1, -20 * turn], np.float32), -1, 1)


def hover(observation: Observation) -> int:
    return fire(*wanted_thrust(observation, 0.7))


def hover_with_throttles(observation: Observation) -> Observation:
    turn, lift = wanted_thrust(observation, 0.7)
    return np.clip(np.array([20 * lift - 1, -20 * turn], np.float32), -1, 1)


SKILLED: list[tuple[str, str, Controller]] = [
    ("classic_control/CartPole-v1", "balance", balance),
    ("classic_control/MountainCarContinuous-v0", "reach_goal", drive_with_the_motion),
    ("classic_control/Acrobot-v1", "swing_up", pump_with_the_lower_link),
    ("classic_control/Pendulum-v1", "swing_up", swing_up_and_hold),
    ("box2d/LunarLander-v3", "land", land),
    ("box2d/LunarLander-v3", "hover", hover),
    ("box2d/LunarLander-v3", "approach", hover),
    ("box2d/LunarLanderContinuous-v3", "land", land_with_throttles),
    ("box2d/LunarLanderContinuous-v3", "hover", hover_with_throttles),
]


@pytest.mark.parametrize(("card_id", "task", "controller"), SKILLED)
def test_a_skilled_controller_mostly_succeeds(card_id: str, task: str, controller: Controller) -> None:
    successes = [judge(card_of(card_id), task, play(card_of(card_id), controller, seed))[0] for seed in range(4)]
    assert sum(map(bool, successes)) >= 3


@pytest.mark.parametrize(("card_id", "task", "controller"), SKILLED)
def test_a_skilled_controller_is_fitter_than_chance(card_id: str, task: str, controller: Controller) -> None:
    skilled = [fitness_of(card_id, task, play(card_of(card_id), controller, seed)) for seed in range(3)]
    chance = [fitness_of(card_id, task, block) for block in random_episodes(card_id)]
    assert np.mean(skilled) > np.mean(chance) + 0.2


LANDER = "box2d/LunarLander-v3"


def test_exactly_the_rests_between_the_flags_are_landings() -> None:
    card = card_of(LANDER)
    for seed in range(1000, 1010):
        block = play(card, land, seed)
        rests = block.env_reward[-1] == 100 and abs(block.next_observation[-1, 0]) <= 0.2
        assert judge(card, "land", block)[0] is bool(rests), seed


def test_a_landing_is_fitter_than_hovering_and_hovering_than_flying_away() -> None:
    card = card_of(LANDER)
    landed, hovered, gone = (
        fitness_of(LANDER, "land", play(card, controller, 0)) for controller in (land, hover, lambda _: 2)
    )
    assert landed == 1.0
    assert 0.65 >= hovered > gone


def test_a_crash_on_the_pad_is_no_landing() -> None:
    block = play(card_of(LANDER), lambda _: 0, 3)
    success, fitness = judge(card_of(LANDER), "land", block)
    assert block.env_reward[-1] == -100
    assert success is False
    assert isinstance(fitness, float)
    assert fitness < 0.7


WALKER = "box2d/BipedalWalker-v3"


def walk(metres: float, *, last_reward: float, terminated: bool = True) -> TransitionBlock:
    """Makes an episode of 100 steps at a steady speed, high above the ground."""
    state = np.ones((100, 24), np.float32)
    state[:, 2] = metres / 100 / 0.02 / 8.3333
    ends = np.zeros(100, np.bool_)
    ends[-1] = terminated
    reward = np.full(100, last_reward, np.float32)
    return TransitionBlock(state, np.zeros((100, 4), np.float32), state, ends, ~ends & (not terminated), reward)


@pytest.mark.parametrize(
    ("block", "success", "fitness"),
    [
        (walk(84, last_reward=0.3), True, 1.0),
        (walk(42, last_reward=-100), False, 0.45),
        (walk(42, last_reward=0.3, terminated=False), False, 0.45),
        (walk(-1, last_reward=-100), False, 0.0),
    ],
    ids=["arrived", "fell half way", "out of time half way", "left at the left end"],
)
def test_a_walk_is_judged_by_its_way_and_its_end(block: TransitionBlock, success: bool, fitness: float) -> None:
    assert judge(card_of(WALKER), "walk", block) == (success, pytest.approx(fitness, abs=1e-3))


def test_arriving_is_not_punished_as_a_fall() -> None:
    terms = reference_terms(card_of(WALKER), "walk", walk(84, last_reward=0.3))
    assert not terms["fall"].any()


HOPPER = "mujoco/Hopper-v5"
CHEETAH = "mujoco/HalfCheetah-v5"


def run(card_id: str, speed: float, *, steps: int = 1000, angle: float = 0.0, fell: bool = False) -> TransitionBlock:
    """Makes an episode at a steady speed (m/s) and tilt (rad)."""
    card = card_of(card_id)
    state = np.zeros((steps, card.observation_size), np.float32)
    state[:, card.fields["vx"].start] = speed
    state[:, card.fields["angle"].start] = angle
    ends = np.zeros(steps, np.bool_)
    ends[-1] = True
    action = np.zeros((steps, card.actions.size), np.float32)
    return TransitionBlock(state, action, state, ends & fell, ends & (not fell), np.zeros(steps, np.float32))


@pytest.mark.parametrize(
    ("block", "success", "fitness"),
    [
        (run(HOPPER, 2.1), True, 2.1),
        (run(HOPPER, 1.9), False, 1.9),
        (run(HOPPER, 4.0, steps=500, fell=True), False, 1.0),
        (run(HOPPER, 3.0, fell=True), False, 1.5),
        (run(HOPPER, -1.0), False, -1.0),
        (run(CHEETAH, 4.0), True, 4.0),
        (run(CHEETAH, 2.9), False, 2.9),
        (run(CHEETAH, 8.0, angle=3.1), False, 0.0),
        (run(CHEETAH, 4.0, angle=6.3), True, 4.0),
    ],
    ids=[
        "hopper runs",
        "hopper is slow",
        "hopper falls half way",
        "hopper falls in the last step",
        "hopper runs backward",
        "cheetah runs",
        "cheetah is slow",
        "cheetah slides on its back",
        "cheetah runs after a somersault",
    ],
)
def test_a_run_is_judged_by_its_speed_on_the_feet(block: TransitionBlock, success: bool, fitness: float) -> None:
    card_id = HOPPER if block.observation.shape[1] == 11 else CHEETAH
    assert judge(card_of(card_id), "run", block) == (success, pytest.approx(fitness, abs=1e-3))


@pytest.mark.parametrize("card_id", [HOPPER, CHEETAH])
def test_a_robot_that_does_nothing_does_not_run(card_id: str) -> None:
    card = card_of(card_id)
    still = np.zeros(card.actions.size, np.float32)
    success, fitness = judge(card, "run", play(card, lambda _: still, 0))
    assert (success, fitness) == (False, pytest.approx(0, abs=0.1))


@pytest.mark.parametrize("card_id", [HOPPER, CHEETAH])
def test_the_observed_speed_is_that_of_the_way_gymnasium_measures(card_id: str) -> None:
    card = card_of(card_id)
    env = make(card)
    env.action_space.seed(0)
    env.reset(seed=0)
    speeds, ended = [], False
    while not ended:
        after, _, terminated, truncated, info = env.step(env.action_space.sample())
        speeds.append(after[card.fields["vx"].start])
        ended = terminated or truncated
    seconds = len(speeds) / env.metadata["render_fps"]
    assert np.mean(speeds) == pytest.approx(info["x_position"] / seconds, abs=0.02)
