"""Names the values of an observation after the joints of a MuJoCo model, where the world says how they are laid out."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from skillwright.envs.drafting_names import Named, as_name

if TYPE_CHECKING:
    import gymnasium

__all__ = ["motor_names", "named_by_joints"]

_FREE, _BALL, _SLIDE = 0, 1, 2
"""Numbers of MuJoCo's kinds of joints; what is left is a hinge."""
_ORIENTATION: Final = tuple(
    Named(f"orientation_{part}", "1", "other", f"Part {part} of the quaternion that says how {{0}} is turned.")
    for part in "wxyz"
)
_PLACE: Final = tuple(
    Named(axis, "m", "position", f"Position of {{0}} along {axis}{', its height' if axis == 'z' else ''}.")
    for axis in "xyz"
)
_MOTION: Final = tuple(
    Named(f"v{axis}", "m/s", "velocity", f"Velocity of {{0}} along {axis}, in the directions of the ground.")
    for axis in "xyz"
)
_TURNING: Final = tuple(
    Named(
        f"angular_velocity_{axis}",
        "rad/s",
        "angular_velocity",
        f"Speed at which {{0}} turns about its own {axis} axis.",
    )
    for axis in "xyz"
)


class _Model(Protocol):
    """The part of MuJoCo's model that says what moves."""

    njnt: int
    nu: int
    jnt_type: NDArray[np.int32]
    actuator_trnid: NDArray[np.int32]

    def joint(self, index: int) -> "_Thing": ...

    def actuator(self, index: int) -> "_Thing": ...


class _Thing(Protocol):
    name: str


def named_by_joints(env: "gymnasium.Env[object, object]") -> dict[int, Named]:
    """Names those values of the observation that are positions and velocities of joints.

    Args:
        env: a world that has been made.

    Returns:
        By position in the observation; nothing for a world that does not say how its observation is laid out.
    """
    world = env.unwrapped
    model, layout = getattr(world, "model", None), getattr(world, "observation_structure", None)
    if model is None or not isinstance(layout, Mapping):
        return {}
    positions, velocities = list(_positions(model)), list(_velocities(model))
    skipped, num_positions = int(layout.get("skipped_qpos", 0)), int(layout.get("qpos", 0))
    if num_positions + skipped != len(positions) or int(layout.get("qvel", 0)) != len(velocities):
        return {}
    return dict(enumerate([*positions[skipped:], *velocities]))


def motor_names(env: "gymnasium.Env[object, object]") -> dict[int, str]:
    """Gives the name of each motor, or of the joint it moves, by its place in the action.

    Args:
        env: a world that has been made.

    Returns:
        Nothing for a world without a model.
    """
    model: _Model | None = getattr(env.unwrapped, "model", None)
    if model is None or not hasattr(model, "actuator_trnid"):
        return {}
    names = (model.actuator(k).name or model.joint(int(model.actuator_trnid[k, 0])).name for k in range(model.nu))
    return {place: as_name(name) for place, name in enumerate(names) if as_name(name)}


def _positions(model: _Model) -> Iterator[Named]:
    for name, kind in _joints(model):
        if kind in (_FREE, _BALL):
            yield from _of(name, (*_PLACE, *_ORIENTATION) if kind == _FREE else _ORIENTATION)
        elif kind == _SLIDE:
            yield Named(f"{name}_position", "m", "position", f"How far the joint {name} is slid.")
        else:
            yield Named(f"{name}_angle", "rad", "angle", f"Angle of the joint {name}.")


def _velocities(model: _Model) -> Iterator[Named]:
    for name, kind in _joints(model):
        if kind in (_FREE, _BALL):
            yield from _of(name, (*_MOTION, *_TURNING) if kind == _FREE else _TURNING)
        elif kind == _SLIDE:
            yield Named(f"{name}_velocity", "m/s", "velocity", f"Speed at which the joint {name} slides.")
        else:
            yield Named(f"{name}_velocity", "rad/s", "angular_velocity", f"Speed at which the joint {name} turns.")


def _joints(model: _Model) -> Iterator[tuple[str, int]]:
    for index in range(model.njnt):
        yield as_name(model.joint(index).name) or f"joint_{index}", int(model.jnt_type[index])


def _of(name: str, parts: tuple[Named, ...]) -> Iterator[Named]:
    """Says of which body the parts of a free or a ball joint are."""
    body = "the body that moves freely" if name in ("root", "joint_0") else f"the body of the joint {name}"
    prefix = "" if name in ("root", "joint_0") else f"{name}_"
    for part in parts:
        yield part._replace(name=f"{prefix}{part.name}", meaning=part.meaning.format(body))
