"""A block of transitions, and its columns under the names of the card."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from skillwright.envs.card import EnvCard

__all__ = ["ActionView", "StateView", "TransitionBlock", "views"]

Float = NDArray[np.float32]
Index = int | slice | NDArray[np.bool_] | tuple[int | slice, ...]


class TransitionBlock(NamedTuple):
    """Transitions of one world, in time order where they are one episode."""

    observation: Float
    """State before. Shape: (num_transitions, observation_size)."""
    action: NDArray[np.int64] | Float
    """Choice, shape (num_transitions,), or values, shape (num_transitions, num_components)."""
    next_observation: Float
    """True state after, also where the episode ended. Shape: (num_transitions, observation_size)."""
    terminated: NDArray[np.bool_]
    """Whether the world ended the episode here. Shape: (num_transitions,)."""
    truncated: NDArray[np.bool_]
    """Whether the time limit ended the episode here. Shape: (num_transitions,)."""
    env_reward: Float
    """The environment's own reward; judges may read it, reward programs may not. Shape: (num_transitions,)."""

    @property
    def num_transitions(self) -> int:
        """Number of transitions in the block."""
        return int(self.observation.shape[0])

    def at(self, index: Index) -> "TransitionBlock":
        """Picks transitions.

        Args:
            index: what numpy takes for the leading axes of every column.
        """
        return TransitionBlock(
            self.observation[index],
            self.action[index],
            self.next_observation[index],
            self.terminated[index],
            self.truncated[index],
            self.env_reward[index],
        )

    @classmethod
    def join(cls, blocks: Sequence["TransitionBlock"]) -> "TransitionBlock":
        """Puts blocks one after another.

        Args:
            blocks: at least one.
        """
        if len(blocks) == 1:
            return blocks[0]
        return cls(
            np.concatenate([block.observation for block in blocks]),
            cast("NDArray[np.int64] | Float", np.concatenate([block.action for block in blocks])),
            np.concatenate([block.next_observation for block in blocks]),
            np.concatenate([block.terminated for block in blocks]),
            np.concatenate([block.truncated for block in blocks]),
            np.concatenate([block.env_reward for block in blocks]),
        )


class StateView:
    """The fields of a card as columns: ``x`` has shape (num_transitions,) or (num_transitions, dim), float32."""

    __slots__ = ("_card", "_extra", "_observation", "label")

    def __init__(self, label: str, card: EnvCard, observation: Float, extra: Mapping[str, Float]) -> None:
        self.label = label
        self._card = card
        self._observation = observation
        self._extra = extra

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [*self._card.fields, *self._extra]

    def column(self, name: str) -> Float:
        """Gives a column.

        Args:
            name: one of ``names``.
        """
        if name in self._extra:
            return self._extra[name]
        spec = self._card.fields[name]
        if spec.angle_of is not None:
            sine, cosine = (self.column(part) for part in spec.angle_of)
            angle: Float = np.arctan2(sine, cosine)
            return angle
        if spec.distance_of is not None:
            one, other = (self.column(part) for part in spec.distance_of)
            apart = (one - other).reshape(len(one), -1)
            distance: Float = np.sqrt(np.square(apart).sum(axis=1))
            return distance
        return self._observation[:, spec.start] if spec.is_scalar else self._observation[:, spec.start : spec.stop]


class ActionView:
    """The components of an action: indicators (0 or 1) of a discrete choice, values of a continuous one; float32."""

    __slots__ = ("_action", "_card", "label")

    def __init__(self, card: EnvCard, action: NDArray[np.int64] | Float) -> None:
        self.label = "the action"
        self._action = action
        self._card = card

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self._card.actions.components)

    def column(self, name: str) -> Float:
        """Gives a column.

        Args:
            name: one of ``names``.
        """
        position = self.names.index(name)
        if self._card.actions.kind == "discrete":
            chosen: Float = (self._action == position).astype(np.float32)
            return chosen
        return np.asarray(self._action[:, position], np.float32)


def views(card: EnvCard, block: TransitionBlock, *, judge: bool) -> tuple[StateView, ActionView, StateView]:
    """Names the columns of a block as programs see them.

    Args:
        card: the world's card.
        block: the transitions.
        judge: whether the program judges (``success``, ``fitness``) and so may read ``n.truncated`` and
            ``n.env_reward``; every program may read ``n.terminated``. Flags are 0 or 1.

    Returns:
        ``s``, ``a`` and ``n`` of the program contract.
    """
    after: dict[str, Float] = {"terminated": block.terminated.astype(np.float32)}
    if judge:
        after |= {"truncated": block.truncated.astype(np.float32), "env_reward": block.env_reward}
    return (
        StateView("the state", card, block.observation, {}),
        ActionView(card, block.action),
        StateView("the state after", card, block.next_observation, after),
    )
