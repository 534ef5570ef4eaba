"""The replay: transitions are stored once, and beside them the reward of every candidate that learns from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["Experience", "Replay", "Room", "Sample"]

Float = NDArray[np.float32]


class Experience(NamedTuple):
    """Transitions for one store."""

    observation: Float
    """Shape: (num, observation_size)."""
    next_observation: Float
    """Shape: (num, observation_size)."""
    action: Float
    """In [-1, 1] units. Shape: (num, action_size)."""
    continues: Float
    """0 where the world ended the episode, else 1. Shape: (num,)."""
    rewards: Float
    """Under the reward of each candidate that reads the store. Shape: (num_readers, num)."""
    owner: NDArray[np.int64]
    """Who lived through it: a number that a candidate keeps when others leave. Shape: (num,)."""


class Sample(NamedTuple):
    """Transitions picked for K candidates; all shapes begin with (K, num)."""

    rows: Tensor
    """Observation, next observation, action, and whether it continues, one behind the other."""
    reward: Tensor
    """Under the candidate's own reward."""


class Room(NamedTuple):
    """How much a replay holds."""

    capacity: int
    """Transitions of a store; at least as many as are ever added at once."""
    observation_size: int
    action_size: int


class Replay:
    """One store that K candidates read, or a store for each; the oldest transitions of a store give way.

    Args:
        num_candidates: K.
        is_shared: whether there is one store.
        room: how much a store holds.
        device: where it lies.
    """

    def __init__(self, num_candidates: int, *, is_shared: bool, room: Room, device: torch.device) -> None:
        num_stores = 1 if is_shared else num_candidates
        width = 2 * room.observation_size + room.action_size + 1
        self.rows = torch.empty(num_stores, room.capacity, width, device=device)
        """Shape: (num_stores, capacity, width); see ``Sample``."""
        self.rewards = torch.empty(num_candidates, room.capacity, device=device)
        """Shape: (K, capacity)."""
        self.owners = np.empty((num_stores, room.capacity), np.int64)
        """See ``Experience``. Shape: (num_stores, capacity)."""
        self.added = [0] * num_stores
        """Transitions that each store was ever given; the next one's place is this number modulo the capacity."""
        self._is_shared = is_shared

    @property
    def sizes(self) -> list[int]:
        """Transitions that each candidate can learn from."""
        return self.held * len(self.rewards) if self._is_shared else self.held

    @property
    def held(self) -> list[int]:
        """Transitions that each store holds."""
        return [min(added, self.rows.shape[1]) for added in self.added]

    @property
    def readers(self) -> list[slice]:
        """The candidates that fill and read each store."""
        num = len(self.rewards)
        return [slice(0, num)] if self._is_shared else [slice(one, one + 1) for one in range(num)]

    def add(self, store: int, experience: Experience) -> None:
        """Takes in transitions.

        Args:
            store: its index.
            experience: the transitions, the newest last.
        """
        rows = np.concatenate([*experience[:3], experience.continues[:, None]], axis=1)
        places = (self.added[store] + np.arange(len(rows))) % self.rows.shape[1]
        self.owners[store, places] = experience.owner
        self.rows[store, places] = torch.from_numpy(rows).to(self.rows)
        self.rewards[self.readers[store], places] = torch.from_numpy(experience.rewards).to(self.rows)
        self.added[store] += len(rows)

    def find(self, candidate: int, owner: int) -> NDArray[np.int64]:
        """Finds what a candidate can learn from that one candidate lived through.

        Args:
            candidate: who reads.
            owner: whose transitions.

        Returns:
            Indices for ``pick``. Shape: (num,).
        """
        store = 0 if self._is_shared else candidate
        return np.flatnonzero(self.owners[store, : self.held[store]] == owner)

    def pick(self, indices: NDArray[np.int64]) -> Sample:
        """Picks transitions.

        Args:
            indices: for each candidate, below its size. Shape: (K, num).
        """
        chosen = torch.from_numpy(indices).to(self.rows.device)
        reward = self.rewards.gather(1, chosen)
        if not self._is_shared:
            chosen = chosen + torch.arange(len(chosen), device=chosen.device).unsqueeze(1) * self.rows.shape[1]
        rows = self.rows.flatten(0, 1).index_select(0, chosen.view(-1))
        return Sample(rows.view(*indices.shape, -1), reward)

    def select(self, candidates: Sequence[int]) -> None:
        """Lets all other candidates go; what they lived through stays in a shared store.

        Args:
            candidates: indices of those who stay.
        """
        kept = list(candidates)
        self.rewards = self.rewards[kept]
        if not self._is_shared:
            self.rows, self.owners = self.rows[kept], self.owners[kept]
            self.added = [self.added[index] for index in kept]

    def tensors(self) -> dict[str, Tensor]:
        """Names what is held, as views."""
        rows = {f"rows/{store}": self.rows[store, :num] for store, num in enumerate(self.held)}
        owners = {f"owners/{store}": torch.from_numpy(self.owners[store, :num]) for store, num in enumerate(self.held)}
        return rows | owners | {f"rewards/{one}": self.rewards[one, :num] for one, num in enumerate(self.sizes)}
