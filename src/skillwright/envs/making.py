"""Chooses the vector backend for a card: EnvPool where it has the world, else Gymnasium."""

from collections.abc import Sequence
from typing import Literal

from skillwright.core.errors import ConfigError
from skillwright.envs.card import EnvCard
from skillwright.envs.vector import VectorEnv

__all__ = ["Backend", "make_vector_env"]

Backend = Literal["auto", "envpool", "gymnasium"]


def make_vector_env(card: EnvCard, seeds: Sequence[int], *, backend: Backend = "auto") -> VectorEnv:
    """Makes copies of a card's world.

    Args:
        card: the world.
        seeds: one per copy, >= 0; a copy's episodes depend on its seed and its actions alone.
        backend: ``auto`` takes EnvPool where it is installed and has the world.

    Returns:
        The copies, not yet reset.

    Raises:
        ConfigError: the card does not fit its world, or the backend asked for does not have it.
        MissingExtra: what the world needs is not installed.
    """
    from skillwright.envs.envpool_backend import EnvPoolVectorEnv, envpool_has

    if backend == "gymnasium" and card.gymnasium_id is None:
        raise ConfigError(f"Gymnasium does not have {card.id}; use the backend 'envpool'")
    in_envpool = card.envpool_id is not None and backend != "gymnasium" and envpool_has(card.envpool_id)
    if in_envpool or card.gymnasium_id is None:
        return EnvPoolVectorEnv(card, seeds)
    if backend == "envpool":
        raise ConfigError(f"EnvPool does not have {card.id}; use the backend 'gymnasium'")
    from skillwright.envs.gymnasium_backend import GymnasiumVectorEnv

    return GymnasiumVectorEnv(card, seeds)
