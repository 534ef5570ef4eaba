"""Plays one episode with its frames, and encodes frames as a video that browsers play."""

import math
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import EnvError, MissingExtra, SkillwrightError, StorageError, storage_errors
from skillwright.envs.card import EnvCard
from skillwright.envs.envpool_filming import envpool_frames_per_second, record_in_envpool
from skillwright.envs.extras import missing_extra
from skillwright.envs.flattening import RawObservation, flat_observation
from skillwright.envs.gymnasium_backend import make_gymnasium_env
from skillwright.envs.headless import headless
from skillwright.envs.mujoco_scene import prepare_mujoco
from skillwright.envs.quiet import quiet_mujoco
from skillwright.envs.recording import Act, Frame, RecordedEpisode, Transition, as_action, as_block

if TYPE_CHECKING:
    import gymnasium

    _World = gymnasium.Env[NDArray[np.generic], object]

__all__ = ["Act", "Frame", "RecordedEpisode", "encode_mp4", "frames_per_second", "record_episode"]

_DEFAULT_RATE: Final = 30
_MOST_FRAMES_PER_SECOND: Final = 50
"""A world with a faster clock is not drawn after every step."""
_CONSTANT_RATE_FACTOR: Final = 26


def record_episode(card: EnvCard, act: Act, *, seed: int) -> RecordedEpisode:
    """Plays one episode and draws it, at most 50 times per second of the world's clock. Needs no display.

    A world that only EnvPool has is drawn by that, in a process of its own, and less often.

    Args:
        card: the world.
        act: chooses the actions.
        seed: seed of the world.

    Returns:
        The transitions and the frames.

    Raises:
        MissingExtra: Gymnasium, or what this world needs beside it, is not installed.
        EnvError: the world cannot be drawn, or does not fit its card.
    """
    if card.gymnasium_id is None:
        with headless():
            return record_in_envpool(card, act, seed=seed)
    with headless(), _made(card, render_mode="rgb_array") as env:
        try:
            prepare_mujoco(env)
            return _play(card, env, act, seed)
        except SkillwrightError:
            raise
        except Exception as error:  # a renderer may raise anything where there is no display
            raise EnvError(f"{card.id} cannot be drawn: {type(error).__name__}: {error}") from error


def frames_per_second(card: EnvCard) -> float:
    """Computes how fast the frames of ``record_episode`` have to be shown for the world's own clock to be right.

    Args:
        card: the world.

    Returns:
        The rate at which its metadata says it steps, or 30, divided by the steps from one frame to the next.

    Raises:
        MissingExtra: Gymnasium, or what this world needs beside it, is not installed.
        EnvError: Gymnasium does not know the world, or it cannot be drawn.
    """
    if card.gymnasium_id is None:
        return envpool_frames_per_second(card)
    with headless(), _made(card) as env:
        return _steps_per_second(env) / _steps_per_frame(env)


def encode_mp4(frames: Iterable[Frame], *, frames_per_second: float, path: Path) -> None:
    """Writes frames as H.264 in MP4, playable while it loads; the file appears whole or not at all.

    Args:
        frames: at least one, all of one shape, each needed only while it is written; odd heights and widths are padded
            by one row or column.
        frames_per_second: how fast they are shown.
        path: where the file goes; an older one is replaced.

    Raises:
        MissingExtra: imageio-ffmpeg is not installed.
        StorageError: the file cannot be written.
    """
    stream = map(_padded_to_even, frames)
    first = next(stream, None)
    assert first is not None, "a video needs at least one frame"
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    height, width = first.shape[:2]
    command = [_ffmpeg(), *_encoding_options(width, height, frames_per_second), str(unfinished)]
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _pipe(chain([first], stream), command, path)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _made(card: EnvCard, render_mode: str | None = None) -> Iterator["_World"]:
    """Makes a world that can be drawn, for as long as it is needed."""
    _refuse_undrawable(card)
    with quiet_mujoco():
        env = make_gymnasium_env(card, render_mode=render_mode)
        try:
            yield env
        finally:
            env.close()


def _refuse_undrawable(card: EnvCard) -> None:
    """Looks at a world's metadata without making it."""
    assert card.gymnasium_id is not None
    try:
        from gymnasium.envs.registration import load_env_creator, spec
        from gymnasium.error import DependencyNotInstalled, Error
    except ImportError as error:
        raise MissingExtra("gymnasium", "learn") from error
    try:
        module, _, name = card.gymnasium_id.rpartition(":")
        if module:  # as gymnasium.make reads it, and spec does not
            import_module(module)
        entry = spec(name).entry_point
        creator = load_env_creator(entry) if isinstance(entry, str) else entry
    except (DependencyNotInstalled, ImportError) as error:
        raise missing_extra(card.gymnasium_id, error) from error
    except Error as error:
        raise EnvError(f"Gymnasium does not know {card.gymnasium_id!r}: {error}") from error
    modes = getattr(creator, "metadata", {}).get("render_modes")
    if not isinstance(modes, list | tuple) or "rgb_array" not in modes:
        raise EnvError(f"{card.id} cannot be drawn: {card.gymnasium_id} has no render mode 'rgb_array'")


def _steps_per_second(env: "_World") -> int:
    rate = env.metadata.get("render_fps")
    return max(1, round(rate)) if isinstance(rate, int | float) else _DEFAULT_RATE


def _steps_per_frame(env: "_World") -> int:
    return math.ceil(_steps_per_second(env) / _MOST_FRAMES_PER_SECOND)


def _play(card: EnvCard, env: "_World", act: Act, seed: int) -> RecordedEpisode:
    observation = _flat(card, env.reset(seed=seed)[0])
    frames = [_frame(card, env.render())]
    transitions: list[Transition] = []
    ended = False
    while not ended:
        action = as_action(card, act(observation))
        after, reward, terminated, time_out, _ = env.step(action if action.ndim else int(action))
        next_observation, truncated = _flat(card, after), time_out and not terminated
        transitions.append(Transition(observation, action, next_observation, terminated, truncated, float(reward)))
        observation, ended = next_observation, terminated or truncated
        if ended or len(transitions) % _steps_per_frame(env) == 0:
            frames.append(_frame(card, env.render()))
    return RecordedEpisode(as_block(transitions), frames)


def _flat(card: EnvCard, observation: RawObservation) -> NDArray[np.float32]:
    flat: NDArray[np.float32] = flat_observation(observation, card.observation_keys, 1)[0].copy()
    if flat.size != card.observation_size:
        raise EnvError(f"{card.id} gave an observation of {flat.size} values, its card says {card.observation_size}")
    return flat


def _frame(card: EnvCard, drawn: object) -> Frame:
    frame = np.array(drawn, np.uint8, order="C") if isinstance(drawn, np.ndarray) else np.empty(0, np.uint8)
    if frame.ndim != 3 or frame.shape[-1] != 3:
        raise EnvError(f"{card.id} cannot be drawn: it gave no picture of shape (height, width, 3)")
    return frame


def _padded_to_even(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def _ffmpeg() -> str:
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise MissingExtra("imageio-ffmpeg", "learn") from error
    return str(get_ffmpeg_exe())


def _encoding_options(width: int, height: int, frames_per_second: float) -> list[str]:
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(frames_per_second)]
    codec = [
        "-c:v",
        "libx264",
        "-preset",
        "medium",
        "-crf",
        str(_CONSTANT_RATE_FACTOR),
        "-pix_fmt",
        "yuv420p",
    ]
    container = ["-movflags", "+faststart", "-f", "mp4"]
    return ["-v", "error", "-y", *source, "-i", "-", "-an", *codec, "-threads", "1", *container]


def _pipe(frames: Iterator[Frame], command: list[str], path: Path) -> None:
    """Streams raw frames into the encoder; unlike imageio's own writer it looks at how the encoder ended."""
    with tempfile.TemporaryFile() as complaints:
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints)
        assert encoder.stdin is not None
        try:
            with encoder.stdin:
                for frame in frames:
                    encoder.stdin.write(frame.tobytes())
        except BrokenPipeError:
            pass  # the encoder's own words say why
        except BaseException:
            encoder.kill()
            raise
        finally:
            ended = encoder.wait()
        if ended != 0:
            complaints.seek(0)
            reason = complaints.read().decode(errors="replace").strip()
            raise StorageError(f"cannot write the video {path}: {reason or f'ffmpeg ended with {ended}'}")
