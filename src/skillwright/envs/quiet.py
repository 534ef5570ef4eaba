"""Keeps MuJoCo from writing where nobody asked it to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_mujoco"]


@contextmanager
def quiet_mujoco() -> Iterator[None]:
    """Silences MuJoCo, which else writes its warnings about a model into a file in the working folder."""
    mujoco = sys.modules.get("mujoco")
    if mujoco is None:
        yield
        return
    before = mujoco.get_mju_user_warning()
    mujoco.set_mju_user_warning(lambda text: None)
    try:
        yield
    finally:
        mujoco.set_mju_user_warning(before)
