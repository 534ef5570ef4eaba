"""Lets the libraries that draw worlds start where there is no display."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["headless"]

_SETTINGS: Final = {
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    "MUJOCO_GL": "egl",
}
"""What pygame and MuJoCo read; a person's own values win."""
_SET_BY_MUJOCO: Final = "PYOPENGL_PLATFORM"


@contextmanager
def headless() -> Iterator[None]:
    """Asks renderers to need no display, and leaves the process's environment as it was."""
    before = {name: os.environ.get(name) for name in (*_SETTINGS, _SET_BY_MUJOCO)}
    os.environ.update({name: value for name, value in _SETTINGS.items() if before[name] is None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
