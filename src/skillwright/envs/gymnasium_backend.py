"""Gymnasium as a vector environment: any id it can make, and the yardstick EnvPool is held to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import EnvError, MissingExtra
from skillwright.envs.card import EnvCard
from skillwright.envs.extras import missing_extra
from skillwright.envs.fit import refuse_misfit
from skillwright.envs.flattening import RawObservation, flat_observation
from skillwright.envs.vector import Actions, Observations, StepBatch

if TYPE_CHECKING:
    import gymnasium

__all__ = ["GymnasiumVectorEnv", "make_gymnasium_env"]


class GymnasiumVectorEnv:
    """Copies of a card's world in Gymnasium's ``SyncVectorEnv``, reset on the step after an episode's last.

    Args:
        card: the world.
        seeds: one per copy.

    Raises:
        ConfigError: the card does not fit the world.
        MissingExtra: Gymnasium, or what this world needs beside it, is not installed.
        EnvError: Gymnasium cannot make the world.
    """

    def __init__(self, card: EnvCard, seeds: Sequence[int]) -> None:
        try:
            from gymnasium.vector import AutoresetMode, SyncVectorEnv
        except ImportError as error:
            raise MissingExtra("gymnasium", "learn") from error

        self._envs = SyncVectorEnv(
            [lambda: make_gymnasium_env(card) for _ in seeds], autoreset_mode=AutoresetMode.NEXT_STEP
        )
        refuse_misfit(card, self._envs.single_observation_space, self._envs.single_action_space)
        self._keys = card.observation_keys
        self._seeds: list[int | None] = list(seeds)
        self._action_dtype = self._envs.single_action_space.dtype
        self._ended: NDArray[np.bool_] = np.zeros(len(seeds), np.bool_)

    @property
    def num_envs(self) -> int:
        """Number of copies."""
        return len(self._seeds)

    def reset(self) -> Observations:
        """Begins a first episode in every copy; see ``VectorEnv.reset``."""
        self._ended = np.zeros(self.num_envs, np.bool_)
        return self._flat(self._envs.reset(seed=self._seeds)[0])

    def step(self, actions: Actions) -> StepBatch:
        """Steps every copy once; see ``VectorEnv.step``."""
        observation, reward, terminated, time_out, _ = self._envs.step(np.asarray(actions, self._action_dtype))
        is_reset = self._ended
        truncated = time_out & ~terminated
        self._ended = terminated | truncated
        return StepBatch(self._flat(observation), reward.astype(np.float32), terminated.copy(), truncated, is_reset)

    def close(self) -> None:
        """Frees the copies."""
        self._envs.close()

    def _flat(self, observation: RawObservation) -> Observations:
        flat = flat_observation(observation, self._keys, self.num_envs).copy()
        if not np.isfinite(flat).all():
            raise EnvError("Gymnasium returned an observation that is not finite")
        return flat


def make_gymnasium_env(
    card: EnvCard, *, render_mode: str | None = None
) -> "gymnasium.Env[NDArray[np.generic], object]":
    """Makes one copy of a card's world with the card's horizon.

    Args:
        card: the world.
        render_mode: Gymnasium's; ``"rgb_array"`` to draw frames.

    Returns:
        The environment.

    Raises:
        MissingExtra: Gymnasium, or what this world needs beside it, is not installed.
        EnvError: Gymnasium cannot make it.
    """
    if card.gymnasium_id is None:
        raise EnvError(f"Gymnasium does not have {card.id}; only EnvPool has it")
    try:
        import gymnasium
    except ImportError as error:
        raise MissingExtra("gymnasium", "learn") from error
    try:
        return gymnasium.make(card.gymnasium_id, render_mode=render_mode, max_episode_steps=card.horizon)
    except (gymnasium.error.DependencyNotInstalled, ImportError) as error:
        raise missing_extra(card.gymnasium_id, error) from error
    except gymnasium.error.Error as error:
        raise EnvError(f"Gymnasium cannot make {card.gymnasium_id!r}: {error}") from error
