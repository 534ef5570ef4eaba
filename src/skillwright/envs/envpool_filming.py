"""Films a world that only EnvPool has, from a process that survives whatever its renderer does."""

import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Final

import numpy as np

from skillwright.core.errors import EnvError, MissingExtra
from skillwright.core.serialising import to_json
from skillwright.envs import envpool_player
from skillwright.envs.byte_channel import ByteChannel
from skillwright.envs.card import EnvCard
from skillwright.envs.envpool_backend import envpool_has
from skillwright.envs.envpool_player import FAILURE, FRAME_SHAPE, EpisodeRequest, step_type
from skillwright.envs.recording import Act, Frame, RecordedEpisode, Transition, as_action, as_block

__all__ = ["envpool_frames_per_second", "record_in_envpool"]

_MOST_FRAMES_PER_SECOND: Final = 25
_MOST_FRAMES: Final = 80
"""Of one episode; drawing on a CPU takes from 0.1 s to 2 s a frame."""
_DEFAULT_STEP_S: Final = 1 / 30
_PLAYER: Final = (sys.executable, "-P", "-m", envpool_player.__name__)
_PATIENCE_S: Final = 120.0
"""How long one step with its picture may take."""


def record_in_envpool(card: EnvCard, act: Act, *, seed: int) -> RecordedEpisode:
    """Plays one episode and draws it.

    Args:
        card: the world.
        act: chooses the actions.
        seed: seed of the world.

    Returns:
        The transitions and the frames; the same episode as in training with this seed and these actions.

    Raises:
        MissingExtra: EnvPool or MuJoCo is not installed.
        EnvError: the world cannot be drawn here.
    """
    if card.envpool_id is None or not envpool_has(card.envpool_id):
        raise MissingExtra("envpool", "learn")
    if find_spec("mujoco") is None:
        raise MissingExtra("mujoco", "mujoco")
    with _player(EpisodeRequest(card=card, seed=seed, steps_per_frame=_steps_per_frame(card))) as channel:
        try:
            return _play(card, act, channel)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise EnvError(f"{card.id} cannot be drawn: the renderer ended its process; is EGL installed?") from None


def envpool_frames_per_second(card: EnvCard) -> float:
    """Computes how fast the frames of ``record_in_envpool`` have to be shown for the world's own clock to be right.

    Args:
        card: the world.
    """
    return 1 / ((card.step_s or _DEFAULT_STEP_S) * _steps_per_frame(card))


def _steps_per_frame(card: EnvCard) -> int:
    rate = 1 / (card.step_s or _DEFAULT_STEP_S)
    return max(math.ceil(round(rate / _MOST_FRAMES_PER_SECOND, 6)), math.ceil(card.horizon / _MOST_FRAMES))


@contextmanager
def _player(request: EpisodeRequest) -> Iterator[ByteChannel]:
    process = subprocess.Popen(
        _PLAYER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    assert process.stdin is not None and process.stdout is not None
    channel = ByteChannel(process.stdout, process.stdin)
    try:
        with suppress(BrokenPipeError):  # its end is heard as soon as somebody listens
            channel.send(to_json(request).encode())
        yield channel
    finally:
        process.stdin.close()
        process.stdout.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.0)
        process.kill()
        process.wait()


def _play(card: EnvCard, act: Act, channel: ByteChannel) -> RecordedEpisode:
    state, frame = _receive(card, channel)
    assert frame is not None
    transitions, frames, ended = list[Transition](), [frame], False
    while not ended:
        observation = state["observation"].copy()
        action = as_action(card, act(observation))
        channel.send(action.tobytes())
        state, frame = _receive(card, channel)
        terminated, truncated = bool(state["terminated"]), bool(state["truncated"])
        after = state["observation"].copy()
        transitions.append(Transition(observation, action, after, terminated, truncated, float(state["reward"])))
        frames += [frame] if frame is not None else []
        ended = terminated or truncated
    return RecordedEpisode(as_block(transitions), frames)


def _receive(card: EnvCard, channel: ByteChannel) -> tuple[np.void, Frame | None]:
    if not channel.is_heard(_PATIENCE_S):
        raise EnvError(f"{card.id} cannot be drawn: the renderer did not answer within {_PATIENCE_S:.0f} s")
    answer = channel.receive()
    layout = step_type(card.observation_size)
    if len(answer) < layout.itemsize or (answer.startswith(FAILURE) and len(answer) not in _sizes(layout)):
        raise EnvError(f"{card.id} cannot be drawn: {answer.removeprefix(FAILURE).decode(errors='replace')}")
    state: np.void = np.frombuffer(answer, layout, count=1)[0]
    picture = answer[layout.itemsize :]
    return state, np.frombuffer(picture, np.uint8).reshape(FRAME_SHAPE).copy() if picture else None


def _sizes(layout: np.dtype[np.void]) -> tuple[int, int]:
    return layout.itemsize, layout.itemsize + math.prod(FRAME_SHAPE)
