"""One episode as numbers and as pictures, put together step by step."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from skillwright.envs.card import EnvCard
from skillwright.envs.transitions import TransitionBlock

__all__ = ["Act", "Action", "Frame", "RecordedEpisode", "Transition", "as_action", "as_block"]

Frame = NDArray[np.uint8]
"""Red, green and blue in [0, 255]. Shape: (height, width, 3)."""

Act = Callable[[NDArray[np.float32]], NDArray[np.generic] | np.generic | int]
"""Chooses an action for one flat observation of shape (observation_size,)."""

Action = NDArray[np.int64] | NDArray[np.float32]
"""One choice, of shape (), or one row of values."""


class RecordedEpisode(NamedTuple):
    """One episode, as numbers and as pictures."""

    block: TransitionBlock
    """The whole episode in time order, its last ``next_observation`` the true final state."""
    frames: list[Frame]
    """The first state, the state after every step (every third one of a world with 125 steps a second, and so on),
    and the last state."""


class Transition(NamedTuple):
    """One step of one copy of a world; the columns of a ``TransitionBlock``."""

    observation: NDArray[np.float32]
    action: Action
    next_observation: NDArray[np.float32]
    terminated: bool
    truncated: bool
    env_reward: float


def as_action(card: EnvCard, action: NDArray[np.generic] | np.generic | int) -> Action:
    """Gives an action the type and shape that the card's world takes.

    Args:
        card: the world.
        action: as a policy chose it.
    """
    if card.actions.kind == "discrete":
        return np.asarray(action, np.int64).reshape(())
    return np.array(action, np.float32).reshape(-1)


def as_block(transitions: Sequence[Transition]) -> TransitionBlock:
    """Makes columns of the steps of an episode.

    Args:
        transitions: at least one, in time order.
    """
    return TransitionBlock(
        observation=np.stack([t.observation for t in transitions]),
        action=cast("Action", np.stack([t.action for t in transitions])),
        next_observation=np.stack([t.next_observation for t in transitions]),
        terminated=np.asarray([t.terminated for t in transitions], np.bool_),
        truncated=np.asarray([t.truncated for t in transitions], np.bool_),
        env_reward=np.asarray([t.env_reward for t in transitions], np.float32),
    )
