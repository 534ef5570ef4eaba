"""Makes the scenes of MuJoCo's worlds fit to be filmed on a CPU."""

import functools
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import EnvError

if TYPE_CHECKING:
    import gymnasium

__all__ = ["prepare_mujoco"]

_SHADOW_SIZE: Final = 1024
"""Pixels across a shadow map. With MuJoCo's own 4096, and smoothed edges, a CPU takes three to five times as long."""
_FOLLOWING_CAMERA: Final = "track"
_FLOOR_FACTOR: Final = 25.0
"""A floor is drawn so many times as large, so that no robot runs off it; it carries the robot everywhere anyway."""
_DRAW_NOTHING: Final = """
import mujoco
model = mujoco.MjModel.from_xml_string("<mujoco/>")
with mujoco.Renderer(model, 8, 8) as renderer:
    renderer.update_scene(mujoco.MjData(model))
    renderer.render()
"""
_TIMEOUT_S: Final = 120.0


def prepare_mujoco(env: "gymnasium.Env[NDArray[np.generic], object]") -> None:
    """Sees to it that a MuJoCo world can be drawn: quickly, by a camera that follows the robot, on a floor without end.

    Does nothing to other worlds.

    Args:
        env: a world that has not been drawn yet.

    Raises:
        EnvError: MuJoCo cannot draw here; with the reason, and what to do.
    """
    library = sys.modules.get("mujoco")
    if library is None or not isinstance(getattr(env.unwrapped, "model", None), library.MjModel):
        return
    platform = os.environ.get("MUJOCO_GL", "")
    reason = _why_no_opengl(platform)
    if reason is not None:
        raise EnvError(
            f"MuJoCo cannot draw with MUJOCO_GL={platform} ({reason}); install EGL, which needs no display "
            "(on Debian: apt-get install libegl1 libgl1-mesa-dri), or set MUJOCO_GL to osmesa or glfw"
        )
    model = env.get_wrapper_attr("model")
    model.vis.quality.shadowsize, model.vis.quality.offsamples = _SHADOW_SIZE, 0
    planes = model.geom_type == library.mjtGeom.mjGEOM_PLANE
    _enlarge(model, planes)
    camera = library.mj_name2id(model, library.mjtObj.mjOBJ_CAMERA, _FOLLOWING_CAMERA)
    renderer = env.get_wrapper_attr("mujoco_renderer")
    if camera >= 0:  # else Gymnasium 1.4 takes one that stays where the robot began
        renderer.camera_id = camera
    elif "lookat" not in (renderer.default_cam_config or {}):
        beginning = library.MjData(model)
        library.mj_kinematics(model, beginning)
        view = _view_of(_boxes(model, beginning, ~planes), float(model.vis.global_.fovy))
        renderer.default_cam_config = {**(renderer.default_cam_config or {}), **view}


class _Model(Protocol):
    """The part of MuJoCo's model that says how large its parts are drawn."""

    geom_size: NDArray[np.float64]
    """Shape: (num_geoms, 3)."""
    geom_aabb: NDArray[np.float64]
    """Middle and half the edges of a box around each part, in the part's own axes. Shape: (num_geoms, 6)."""
    geom_matid: NDArray[np.int32]
    """Index of each part's material; -1: none. Shape: (num_geoms,)."""
    mat_texuniform: NDArray[np.bool_]
    """Whether a texture is repeated per metre, and not per part. Shape: (num_materials,)."""
    mat_texrepeat: NDArray[np.float32]
    """How often. Shape: (num_materials, 2)."""


def _enlarge(model: _Model, planes: NDArray[np.bool_]) -> None:
    """Draws planes larger, with squares as large as before."""
    model.geom_size[planes, :2] *= _FLOOR_FACTOR
    materials = model.geom_matid[planes]
    materials = materials[materials >= 0]
    stretched = materials[~model.mat_texuniform[materials].astype(np.bool_)]
    model.mat_texrepeat[stretched] *= _FLOOR_FACTOR


class _Places(Protocol):
    """The part of MuJoCo's state that says where parts are."""

    geom_xpos: NDArray[np.float64]
    """Shape: (num_geoms, 3)."""
    geom_xmat: NDArray[np.float64]
    """Rotation matrix of each part, row by row. Shape: (num_geoms, 9)."""


class _Boxes(NamedTuple):
    """What is to be seen."""

    middles: NDArray[np.float64]
    """Shape: (num_boxes, 3)."""
    halves: NDArray[np.float64]
    """Half the length of the edges, which lie along the axes of the world. Shape: (num_boxes, 3)."""


def _boxes(model: _Model, places: _Places, shown: NDArray[np.bool_]) -> _Boxes:
    """Puts a box around each part."""
    turned = places.geom_xmat[shown].reshape(-1, 3, 3)
    middles, halves = np.split(model.geom_aabb[shown], 2, axis=1)
    return _Boxes(
        places.geom_xpos[shown] + np.einsum("gij,gj->gi", turned, middles),
        np.einsum("gij,gj->gi", np.abs(turned), halves),
    )


def _view_of(boxes: _Boxes, angle_deg: float) -> dict[str, float | NDArray[np.float64]]:
    """Aims a camera that nobody has aimed so that all parts but the floor just fit into the picture.

    Args:
        boxes: one around each part.
        angle_deg: how much the camera sees, from bottom to top.
    """
    low, high = (boxes.middles - boxes.halves).min(axis=0), (boxes.middles + boxes.halves).max(axis=0)
    radius = np.linalg.norm(high - low) / 2
    return {"lookat": (low + high) / 2, "distance": float(radius / np.tan(np.deg2rad(angle_deg) / 2))}


@functools.cache
def _why_no_opengl(platform: str) -> str | None:
    """Says why MuJoCo cannot draw; none if it can.

    Tried in another process, because a broken driver ends the process that asks.
    """
    command = [sys.executable, "-P", "-c", _DRAW_NOTHING]
    environment = {**os.environ, "MUJOCO_GL": platform}
    try:
        tried = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=environment, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it did not answer within {_TIMEOUT_S:.0f} s"
    if tried.returncode == 0:
        return None
    lines = [line.strip() for line in tried.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"its process ended with {tried.returncode}"
