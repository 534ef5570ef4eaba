"""The contract of a screen: what it is shown, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import TransitionBlock

__all__ = ["Ground", "Screen", "Trial"]

Float = NDArray[np.float32]


@dataclass(slots=True, kw_only=True)
class Ground:
    """What programs are tried on."""

    transitions: TransitionBlock
    """Recorded under random actions."""
    episodes: Sequence[TransitionBlock] = ()
    """Of random actions and of the best policies so far."""
    fitness: Sequence[float] = ()
    """Of each episode."""
    logged: Sequence[TransitionBlock] = ()
    """Episodes of candidates of earlier runs."""
    logged_fitness: Sequence[float] = ()
    """Of each logged episode."""
    accepted: dict[str, Float] = field(default_factory=dict)
    """Rewards on the transitions of all candidates that were accepted, by their ids."""


class Trial(NamedTuple):
    """A program that runs and returns what it should."""

    reward: Float
    """On the recorded transitions. Shape: (num_transitions,)."""
    terms: Mapping[str, Float]
    """What it is made of. Shape of each: (num_transitions,)."""
    score: Callable[[TransitionBlock], Float]
    """Scores other transitions."""


class Screen(Protocol):
    """Looks for one reason not to train with a program."""

    cost: int
    """Screens are asked in this order, cheapest first."""

    def problem(self, trial: Trial, ground: Ground) -> str:
        """Looks for the reason.

        Args:
            trial: the program.
            ground: what it is tried on.

        Returns:
            The reason, for whoever wrote the program; empty if there is none.

        Raises:
            ProgramFailed: the program fails on other transitions than the recorded ones.
        """
        ...
