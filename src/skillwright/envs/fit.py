"""Holds a card against the world it describes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ConfigError
from skillwright.envs.card import EnvCard
from skillwright.envs.flattening import part_sizes

if TYPE_CHECKING:
    from gymnasium import Space

__all__ = ["refuse_misfit"]

FloatArray = NDArray[np.floating]


def refuse_misfit(card: EnvCard, observation_space: "Space[object]", action_space: "Space[object]") -> None:
    """Refuses a card whose sizes are not those of its world.

    Args:
        card: the card.
        observation_space: of one copy of the world.
        action_space: of one copy of the world.

    Raises:
        ConfigError: the observation or the action has another size, kind or range.
    """
    observation_size = _observation_size(card, observation_space)
    if observation_size != card.observation_size:
        raise ConfigError(
            f"{card.id}: observation_size is {card.observation_size}, but the world's observation has "
            f"{observation_size} values"
        )
    kind, size, bounds = _measure(card, action_space)
    if (kind, size) != (card.actions.kind, card.actions.size):
        raise ConfigError(
            f"{card.id}: actions are {card.actions.size} {card.actions.kind} components, but the world has "
            f"{size} {kind} ones"
        )
    if bounds and not np.allclose(bounds, card.actions.bounds, rtol=1e-3):
        low, high = (np.round(bound, 4).tolist() for bound in bounds)
        raise ConfigError(f"{card.id}: the ranges of the actions are not the world's, which go from {low} to {high}")


def _observation_size(card: EnvCard, space: "Space[object]") -> int:
    parts = part_sizes(space)
    if card.observation_keys is None:
        if parts:
            raise ConfigError(
                f"{card.id}: the world's observation has the parts {', '.join(parts)}; say in the card's "
                "observation_keys which of them make the flat observation, and in which order"
            )
        return int(np.prod(space.shape)) if space.shape else 0
    for key in card.observation_keys:
        if key not in parts:
            known = ", ".join(parts) or "none, it is one array"
            raise ConfigError(
                f"{card.id}: observation_keys: the world's observation has no part {key!r}; it has {known}"
            )
    return sum(parts[key] for key in card.observation_keys)


def _measure(card: EnvCard, space: "Space[object]") -> tuple[str, int, tuple[FloatArray, FloatArray] | None]:
    """Says of an action space its kind, the number of its components and, if it is continuous, their bounds."""
    match type(space).__name__, space.shape:
        case "Discrete", _ if getattr(space, "start", 0) == 0:
            return "discrete", int(getattr(space, "n", 0)), None
        case "Box", (size,):
            return "continuous", size, (np.asarray(getattr(space, "low", ())), np.asarray(getattr(space, "high", ())))
        case _:
            raise ConfigError(f"{card.id}: actions of the kind {space} cannot be used")
