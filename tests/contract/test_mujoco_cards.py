"""The cards of MuJoCo's robots: what their judges say of whole episodes, and that each name is the joint it says."""

from functools import cache
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from numpy.typing import NDArray

from skillwright.envs.card import EnvCard
from skillwright.envs.loading import load_card
from skillwright.envs.transitions import TransitionBlock
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Program
from skillwright.rewards.sources import ProgramReward

ROOT = Path(__file__).parents[2]
STANDING = {"Ant-v5": {"orientation_w": 1.0, "z": 0.5}, "Humanoid-v5": {"orientation_w": 1.0, "z": 1.4}}
"""Values without which a robot would not stand upright."""
Values = float | NDArray[np.float64]


@cache
def card_of(name: str) -> EnvCard:
    return load_card(ROOT / "envs" / "mujoco" / f"{name}.yaml")


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MuJoCo writes its warnings into the working folder."""
    monkeypatch.chdir(tmp_path)


def episode(name: str, *, steps: int | None = None, fell: bool = False, **values: Values) -> TransitionBlock:
    """Makes an episode in which fields have these values, constant or one per step."""
    card = card_of(name)
    steps = steps or card.horizon
    state = np.zeros((steps, card.observation_size), np.float32)
    for field, value in {**STANDING.get(name, {}), **values}.items():
        state[:, card.fields[field].start] = value
    ends = np.zeros(steps, np.bool_)
    ends[-1] = True
    before = np.concatenate([state[:1], state[:-1]])
    action = np.zeros((steps, card.actions.size), np.float32)
    return TransitionBlock(before, action, state, ends & fell, ends & (not fell), np.zeros(steps, np.float32))


def judge(name: str, task: str, block: TransitionBlock) -> tuple[bool | None, float]:
    [score] = Judge(card_of(name), task).score([block])
    return score.success, score.fitness


STEPS = np.arange(1000)
HOPS = 1.25 + 0.4 * np.maximum(np.sin(2 * np.pi * STEPS / 100), 0)
"""Heights of a hopper that leaves the ground ten times in 8 s."""

CASES = {
    "a walker runs": ("Walker2d-v5", "run", episode("Walker2d-v5", vx=2.1), True, 2.1),
    "a walker runs into a fall": ("Walker2d-v5", "run", episode("Walker2d-v5", vx=4, steps=500, fell=True), False, 1),
    "a walker walks": ("Walker2d-v5", "walk", episode("Walker2d-v5", vx=1.1), True, 0.9),
    "a walker that should walk stands": ("Walker2d-v5", "walk", episode("Walker2d-v5"), False, 0.0),
    "a walker that should walk runs": ("Walker2d-v5", "walk", episode("Walker2d-v5", vx=2.0), False, 0.0),
    "a walker walks unevenly": (
        "Walker2d-v5",
        "walk",
        episode("Walker2d-v5", vx=np.where(STEPS % 250 < 125, 0.5, 1.5)),
        False,
        0.75,
    ),
    "a walker walks half the time": (
        "Walker2d-v5",
        "walk",
        episode("Walker2d-v5", vx=1, steps=500, fell=True),
        False,
        375 / 875,
    ),
    "an ant runs": ("Ant-v5", "run", episode("Ant-v5", vx=2.5), True, 2.5),
    "an ant is slow": ("Ant-v5", "run", episode("Ant-v5", vx=1.5), False, 1.5),
    "an ant slides on its back": (
        "Ant-v5",
        "run",
        episode("Ant-v5", vx=2.5, orientation_w=0.0, orientation_x=1.0),
        False,
        0.0,
    ),
    "an ant turned round runs": (
        "Ant-v5",
        "run",
        episode("Ant-v5", vx=2.5, orientation_w=0.0, orientation_z=1.0),
        True,
        2.5,
    ),
    "an ant spins": ("Ant-v5", "spin", episode("Ant-v5", yaw_velocity=1.1), True, 1.1),
    "an ant spins to the right": ("Ant-v5", "spin", episode("Ant-v5", yaw_velocity=-1.1), False, -1.1),
    "an ant spins and wanders off": ("Ant-v5", "spin", episode("Ant-v5", yaw_velocity=2.0, vx=0.12), False, 1.0),
    "a hopper hops": ("Hopper-v5", "jump", episode("Hopper-v5", z=HOPS), True, 10 * np.maximum(HOPS - 1.3, 0).mean()),
    "a hopper that should hop stands": ("Hopper-v5", "jump", episode("Hopper-v5", z=1.28), False, 0.0),
    "a hopper hops away": (
        "Hopper-v5",
        "jump",
        episode("Hopper-v5", z=HOPS, vx=0.5),
        False,
        5 * np.maximum(HOPS - 1.3, 0).mean(),
    ),
    "a cheetah runs backward": ("HalfCheetah-v5", "run_backward", episode("HalfCheetah-v5", vx=-2.5), True, 2.5),
    "a cheetah runs the wrong way": ("HalfCheetah-v5", "run_backward", episode("HalfCheetah-v5", vx=2.5), False, -2.5),
    "a cheetah slides backward on its back": (
        "HalfCheetah-v5",
        "run_backward",
        episode("HalfCheetah-v5", vx=-2.5, angle=3.1),
        False,
        0.0,
    ),
    "a human runs": ("Humanoid-v5", "run", episode("Humanoid-v5", vx=1.2), True, 1.2),
    "a human falls half way": ("Humanoid-v5", "run", episode("Humanoid-v5", vx=2, steps=500, fell=True), False, 0.5),
    "a human stands": ("Humanoid-v5", "stand", episode("Humanoid-v5"), True, 1.0),
    "a human that should stand walks": ("Humanoid-v5", "stand", episode("Humanoid-v5", vy=0.5), False, 0.5),
    "a human falls": ("Humanoid-v5", "stand", episode("Humanoid-v5", steps=100, fell=True), False, 0.1),
    "a swimmer swims": ("Swimmer-v5", "swim", episode("Swimmer-v5", vx=0.3), True, 0.3),
    "a swimmer swims backward": ("Swimmer-v5", "swim_backward", episode("Swimmer-v5", vx=-0.3), True, 0.3),
    "a swimmer swims the wrong way": ("Swimmer-v5", "swim_backward", episode("Swimmer-v5", vx=0.3), False, -0.3),
    "an arm reaches": ("Reacher-v5", "reach", episode("Reacher-v5", offset_x=0.012, offset_y=0.0), True, 0.94),
    "an arm stays away": ("Reacher-v5", "reach", episode("Reacher-v5", offset_x=0.1), False, 0.5),
    "an arm passes by": (
        "Reacher-v5",
        "reach",
        episode("Reacher-v5", offset_x=np.where(np.arange(50) < 45, 0.0, 0.1)),
        False,
        0.95,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_whole_episode_is_judged_as_a_person_would(case: str) -> None:
    name, task, block, success, fitness = CASES[case]
    assert judge(name, task, block) == (success, pytest.approx(fitness, abs=2e-3))


def pushed(begin: float, end: float) -> TransitionBlock:
    """An episode in which the cylinder slides evenly towards the goal, both distances in metres."""
    return episode("Pusher-v5", goal_x=0.45, object_x=0.45 + np.linspace(begin, end, 100))


@pytest.mark.parametrize(
    ("block", "success", "low", "high"),
    [
        (pushed(0.3, 0.0), True, 0.85, 0.95),
        (pushed(0.3, 0.3), False, 0.0, 0.0),
        (pushed(0.3, 0.6), False, 0.0, 0.0),
        (pushed(0.3, 0.15), False, 0.4, 0.5),
    ],
    ids=["onto the goal", "not at all", "away", "half way"],
)
def test_a_push_is_judged_by_where_the_cylinder_ends(
    block: TransitionBlock, success: bool, low: float, high: float
) -> None:
    found, fitness = judge("Pusher-v5", "push", block)
    assert found is success
    assert low <= fitness <= high


def made(name: str) -> gymnasium.Env[object, object]:
    pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    return gymnasium.make(name)


JOINTS = {
    "Walker2d-v5": {
        "rootz": ("z", "vz"),
        "rooty": ("angle", "angular_velocity"),
        **{
            f"{part}{'' if side == 'right' else '_left'}_joint": (f"{side}_{part}_angle", f"{side}_{part}_velocity")
            for side in ("right", "left")
            for part in ("thigh", "leg", "foot")
        },
    },
    "Swimmer-v5": {
        "free_body_rot": ("angle", "angular_velocity"),
        "motor1_rot": ("front_joint_angle", "front_joint_velocity"),
        "motor2_rot": ("rear_joint_angle", "rear_joint_velocity"),
    },
    "Ant-v5": {
        f"{part}_{number}": (f"{leg}_{part}_angle", f"{leg}_{part}_velocity")
        for number, leg in enumerate(("front_left", "back_left", "back_right", "front_right"), start=1)
        for part in ("hip", "ankle")
    },
    "Humanoid-v5": {
        joint: (f"{joint}_angle", f"{joint}_velocity")
        for joint in (
            *(f"abdomen_{axis}" for axis in "xyz"),
            *(f"{side}_hip_{axis}" for side in ("right", "left") for axis in "xyz"),
            *(f"{side}_{part}" for side in ("right", "left") for part in ("knee", "shoulder1", "shoulder2", "elbow")),
        )
    },
    "Pusher-v5": {
        f"r_{part}_joint": (f"{part}_angle", f"{part}_velocity")
        for part in (
            *("shoulder_pan", "shoulder_lift", "upper_arm_roll", "elbow_flex", "forearm_roll"),
            *("wrist_flex", "wrist_roll"),
        )
    },
}
"""The model's joints, and the fields of their angle and of their speed."""


@pytest.mark.parametrize("name", JOINTS)
def test_each_joint_is_the_field_that_bears_its_name(name: str) -> None:
    card, world = card_of(name), made(name).unwrapped
    world.reset(seed=0)
    model, rest = world.get_wrapper_attr("model"), world.get_wrapper_attr("init_qpos")
    still = np.zeros(model.nv)
    for joint, (angle, speed) in JOINTS[name].items():
        place, dof = model.joint(joint).qposadr[0], model.joint(joint).dofadr[0]
        positions, velocities = rest.copy(), still.copy()
        positions[place] += 0.1
        velocities[dof] = 0.3
        world.set_state(positions, velocities)
        seen = world._get_obs()
        assert seen[card.fields[angle].start] == pytest.approx(positions[place]), angle
        assert seen[card.fields[speed].start] == pytest.approx(0.3), speed


@pytest.mark.parametrize("name", ["Walker2d-v5", "Ant-v5", "Humanoid-v5", "Pusher-v5", "Swimmer-v5"])
def test_each_motor_moves_the_joint_that_bears_its_name(name: str) -> None:
    card, world = card_of(name), made(name).unwrapped
    world.reset(seed=0)
    model, seen_as = world.get_wrapper_attr("model"), JOINTS[name]
    joints = [model.joint(int(model.actuator_trnid[k, 0])).name for k in range(model.nu)]
    for action, joint in zip(card.actions.components, joints, strict=True):
        assert seen_as[joint][0] == f"{action}_angle"


@pytest.mark.parametrize("name", ["Walker2d-v5", "Ant-v5", "Humanoid-v5", "Swimmer-v5"])
def test_the_way_is_the_sum_of_the_observed_speeds(name: str) -> None:
    card, env = card_of(name), made(name)
    env.action_space.seed(0)
    env.reset(seed=0)
    start = env.unwrapped.data.qpos[0]
    speeds, ended = [], False
    while not ended:
        after, _, terminated, truncated, info = env.step(env.action_space.sample())
        speeds.append(after[card.fields["vx"].start])
        ended = terminated or truncated
    assert np.sum(speeds) * env.unwrapped.dt == pytest.approx(info["x_position"] - start, abs=0.1)


@pytest.mark.parametrize("name", ["Ant-v5", "Humanoid-v5"])
def test_upright_is_what_the_card_says_of_the_orientation(name: str) -> None:
    card, env = card_of(name), made(name)
    env.action_space.seed(1)
    env.reset(seed=1)
    for _ in range(20):
        seen, *_ = env.step(env.action_space.sample())
        x, y = (seen[card.fields[f"orientation_{axis}"].start] for axis in "xy")
        assert 1 - 2 * (x**2 + y**2) == pytest.approx(env.unwrapped.data.body("torso").xmat[8], abs=0.1)


def test_an_ant_that_stands_is_carried_by_the_last_value_of_its_feet() -> None:
    card, env = card_of("Ant-v5"), made("Ant-v5")
    env.reset(seed=0)
    for _ in range(60):
        seen, *_ = env.step(np.zeros(8, np.float32))
    legs = ("front_left", "back_left", "back_right", "front_right")
    feet = [seen[card.fields[f"{leg}_foot_contact"].stop - 1] for leg in legs]
    assert max(feet) > 0.5
    assert min(feet) >= 0


def test_a_human_falls_with_the_speed_of_its_centre_of_mass() -> None:
    card, env = card_of("Humanoid-v5"), made("Humanoid-v5")
    source = (ROOT / "rewards" / "mujoco" / "humanoid_run.py").read_text(encoding="utf-8")
    env.action_space.seed(0)
    before, _ = env.reset(seed=0)
    for _ in range(15):
        action = env.action_space.sample()
        after, _, terminated, truncated, info = env.step(action)
        columns = [np.asarray(one, np.float32)[None] for one in (before, action, after)]
        flags = [np.array([flag]) for flag in (terminated, truncated)]
        block = TransitionBlock(*columns, *flags, np.zeros(1, np.float32))
        terms = ProgramReward(card, Program(source=source)).score(block).terms
        assert terms["forward"][0] == pytest.approx(info["reward_forward"], abs=0.05)
        assert terms["contact"][0] == pytest.approx(info["reward_contact"], abs=1e-3)
        before = after
