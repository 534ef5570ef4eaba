"""Measures which values an observation takes while actions are random."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.envs.card import EnvCard
from skillwright.envs.flattening import flat_observation

if TYPE_CHECKING:
    import gymnasium

    _World = gymnasium.Env[object, object]

__all__ = ["Met", "measure_ranges"]

_NUM_STEPS: Final = 2_000
_MARGIN: Final = 0.1
"""Share of a range that is added at both ends."""


class Met(NamedTuple):
    """What was met."""

    low: NDArray[np.float64]
    """Shape: (observation_size,)."""
    high: NDArray[np.float64]
    """Higher than ``low`` everywhere. Shape: (observation_size,)."""


def measure_ranges(card: EnvCard, env: "_World") -> Met:
    """Plays at random.

    Args:
        card: says how the observation is made flat, and how long an episode is at most.
        env: the world.

    Returns:
        The lowest and highest values, with a margin.
    """
    env.action_space.seed(0)
    first = _flat(card, env.reset(seed=0)[0])
    low, high = first.copy(), first.copy()
    since_reset = 0
    for _ in range(_NUM_STEPS):
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        since_reset += 1
        _widen(low, high, _flat(card, observation))
        if terminated or truncated or since_reset >= card.horizon:
            _widen(low, high, _flat(card, env.reset()[0]))
            since_reset = 0
    margin = np.maximum(_MARGIN * (high - low), 1e-3 * np.maximum(np.abs(high), 1.0))
    return Met(low - margin, high + margin)


def _flat(card: EnvCard, observation: object) -> NDArray[np.float64]:
    parts = observation if isinstance(observation, dict) else {"": observation}
    batch = {str(key): np.asarray(part)[None] for key, part in parts.items()}
    whole = batch if card.observation_keys else batch[""]
    return np.asarray(flat_observation(whole, card.observation_keys, 1)[0], np.float64)


def _widen(low: NDArray[np.float64], high: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    finite = np.isfinite(values)
    np.minimum(low, values, out=low, where=finite)
    np.maximum(high, values, out=high, where=finite)
