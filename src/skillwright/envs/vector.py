"""The contract of every vector environment: many copies of one world, stepped together."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Actions", "Observations", "StepBatch", "VectorEnv"]

Observations = NDArray[np.float32]
"""Shape: (num_envs, observation_size)."""

Actions = NDArray[np.int64] | NDArray[np.float32]
"""Choices, shape (num_envs,), or values within the card's ranges, shape (num_envs, num_components)."""


class StepBatch(NamedTuple):
    """What one step of all copies gave."""

    observation: Observations
    """State after the step; on the last step of an episode its true final state."""
    reward: NDArray[np.float32]
    """The environment's own reward; 0 on a reset step. Shape: (num_envs,)."""
    terminated: NDArray[np.bool_]
    """Whether the world ended the episode. Shape: (num_envs,)."""
    truncated: NDArray[np.bool_]
    """Whether only the time limit ended the episode; never together with ``terminated``. Shape: (num_envs,)."""
    is_reset: NDArray[np.bool_]
    """Whether this step only reset the copy: its action was ignored, its observation begins a new episode, and it
    belongs in no loss and no score. Shape: (num_envs,)."""


class VectorEnv(Protocol):
    """``num_envs`` copies of one world with a seed each, reset on the step after an episode's last."""

    @property
    def num_envs(self) -> int:
        """Number of copies."""
        ...

    def reset(self) -> Observations:
        """Begins a first episode in every copy, from its seed.

        Returns:
            The first observations.
        """
        ...

    def step(self, actions: Actions) -> StepBatch:
        """Steps every copy once.

        Args:
            actions: one per copy.

        Returns:
            What happened. The arrays are the caller's to keep.

        Raises:
            EnvError: an observation is not finite.
        """
        ...

    def close(self) -> None:
        """Frees the copies."""
