"""Holds a card against the world it describes."""

from typing import TYPE_CHECKING

import numpy as np

from skillwright.core.errors import ConfigError
from skillwright.envs.card import EnvCard

if TYPE_CHECKING:
    from gymnasium import Space

__all__ = ["refuse_misfit"]


def refuse_misfit(card: EnvCard, observation_space: "Space[object]", action_space: "Space[object]") -> None:
    """Refuses a card whose sizes are not those of its world.

    Args:
        card: the card.
        observation_space: of one copy of the world.
        action_space: of one copy of the world.

    Raises:
        ConfigError: the observation or the action has another size or kind.
    """
    observation_size = int(np.prod(observation_space.shape or ()))
    if observation_space.shape is None or observation_size != card.observation_size:
        raise ConfigError(
            f"{card.id}: observation_size is {card.observation_size}, but the world's observation has "
            f"{observation_size} values"
        )
    num_choices = getattr(action_space, "n", None)
    kind, size = (
        ("continuous", int(np.prod(action_space.shape or ())))
        if num_choices is None
        else ("discrete", int(num_choices))
    )
    if (kind, size) != (card.actions.kind, card.actions.size):
        raise ConfigError(
            f"{card.id}: actions are {card.actions.size} {card.actions.kind} components, but the world has "
            f"{size} {kind} ones"
        )
