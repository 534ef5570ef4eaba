"""Draws a clip of a recorded episode: the world is played again from its seed with the same actions."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import EnvError, SkillwrightError
from skillwright.envs import EnvCard
from skillwright.envs.flattening import RawObservation, flat_observation
from skillwright.envs.gymnasium_backend import make_gymnasium_env
from skillwright.envs.headless import headless
from skillwright.envs.mujoco_scene import prepare_mujoco
from skillwright.envs.quiet import quiet_mujoco
from skillwright.envs.rendering import Frame, frames_per_second, record_episode
from skillwright.rewards.preferences.episodes import Episode

if TYPE_CHECKING:
    import gymnasium

    _World = gymnasium.Env[NDArray[np.generic], object]

__all__ = ["draw_clip", "steps_per_second"]

_DEFAULT_RATE: Final = 30.0
_TOLERANCE: Final = 1e-4


def draw_clip(card: EnvCard, episode: Episode, start: int, stop: int) -> list[Frame]:
    """Draws the transitions ``start .. stop`` of an episode; what comes before is played again without drawing.

    Args:
        card: the world.
        episode: what ``record_episodes`` or ``record_random_episodes`` gave.
        start: first transition.
        stop: one past the last.

    Returns:
        The state before, and the states after, at most 50 per second of the world's clock; they are right at
        ``skillwright.envs.rendering.frames_per_second``.

    Raises:
        MissingExtra: Gymnasium, or what this world needs beside it, is not installed.
        EnvError: the world cannot be drawn, or does not go the same way from the same seed and actions.
    """
    if card.gymnasium_id is None:
        return _cut_out(card, episode, start, stop)
    rate = frames_per_second(card)
    with headless(), quiet_mujoco():
        env = make_gymnasium_env(card, render_mode="rgb_array")
        try:
            prepare_mujoco(env)
            return _replay(card, env, episode, (start, stop, max(1, round(_clock(env) / rate))))
        except SkillwrightError:
            raise
        except Exception as error:  # a renderer may raise anything where there is no display
            raise EnvError(f"{card.id} cannot be drawn: {type(error).__name__}: {error}") from error
        finally:
            env.close()


def steps_per_second(card: EnvCard) -> float:
    """Says how fast a world's own clock goes, by its card or else its metadata; 30 where they do not say.

    Args:
        card: the world.

    Raises:
        MissingExtra: Gymnasium, or what this world needs beside it, is not installed.
        EnvError: Gymnasium cannot make the world.
    """
    if card.step_s is not None or card.gymnasium_id is None:
        return 1.0 / card.step_s if card.step_s is not None else _DEFAULT_RATE
    with headless(), quiet_mujoco():
        env = make_gymnasium_env(card)
        try:
            return _clock(env)
        finally:
            env.close()


def _cut_out(card: EnvCard, episode: Episode, start: int, stop: int) -> list[Frame]:
    """Draws a world that only EnvPool has, which draws whole episodes, and keeps the frames of the clip."""
    block = episode.block
    actions = iter(block.action)
    recorded = record_episode(card, lambda _: next(actions, block.action[-1]), seed=episode.spec.seed)
    _refuse_other(card, recorded.block.next_observation[-1], block.next_observation[-1])
    stride = max(1, round(steps_per_second(card) / frames_per_second(card)))
    first = start // stride
    return recorded.frames[first : max(first, stop // stride) + 1]


def _clock(env: "_World") -> float:
    rate = env.metadata.get("render_fps")
    return float(rate) if isinstance(rate, int | float) and rate > 0 else _DEFAULT_RATE


def _replay(card: EnvCard, env: "_World", episode: Episode, cut: tuple[int, int, int]) -> list[Frame]:
    start, stop, stride = cut
    block = episode.block
    seen: RawObservation = env.reset(seed=episode.spec.seed)[0]
    for action in block.action[:start]:
        seen = _step(env, action)
    _refuse_other(card, _flat(card, seen), block.observation[start])
    frames = [_frame(card, env.render())]
    for position, action in enumerate(block.action[start:stop], start=1):
        seen = _step(env, action)
        if position % stride == 0 or position == stop - start:
            frames.append(_frame(card, env.render()))
    _refuse_other(card, _flat(card, seen), block.next_observation[stop - 1])
    return frames


def _step(env: "_World", action: NDArray[np.generic]) -> RawObservation:
    seen, *_ = env.step(np.asarray(action, env.action_space.dtype) if action.ndim else int(action))
    return seen


def _refuse_other(card: EnvCard, flat: NDArray[np.float32], recorded: NDArray[np.float32]) -> None:
    if flat.shape != recorded.shape or not np.allclose(flat, recorded, rtol=_TOLERANCE, atol=_TOLERANCE):
        raise EnvError(f"{card.id} cannot be filmed again: the same seed and actions led to another state")


def _flat(card: EnvCard, seen: RawObservation) -> NDArray[np.float32]:
    flat: NDArray[np.float32] = flat_observation(seen, card.observation_keys, 1)[0]
    return flat


def _frame(card: EnvCard, drawn: object) -> Frame:
    if isinstance(drawn, np.ndarray) and drawn.ndim == 3 and drawn.shape[-1] == 3:
        return np.array(drawn, np.uint8, order="C")
    raise EnvError(f"{card.id} cannot be drawn: it gave no picture of shape (height, width, 3)")
