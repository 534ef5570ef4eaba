"""Everything that gradient steps change, for K candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from skillwright.learners.sac.layout import Vectors

__all__ = ["Adam", "Networks"]

_BETA_1: Final = 0.9
_BETA_2: Final = 0.999
_EPSILON: Final = 1e-8


class Adam:
    """Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1) over flat parameters.

    Args:
        parameters: whose step it takes; changed in place.
    """

    def __init__(self, parameters: Tensor) -> None:
        self.parameters = parameters
        self.first = torch.zeros_like(parameters)
        """First moment of the gradient."""
        self.second = torch.zeros_like(parameters)
        """Second moment of the gradient."""
        self._scratch = torch.empty_like(parameters)

    def step(self, gradient: Tensor, learning_rate: float, count: int) -> None:
        """Takes a step down the gradient.

        Args:
            gradient: same shape as the parameters.
            learning_rate: step size.
            count: steps with this one.
        """
        self.first.lerp_(gradient, 1.0 - _BETA_1)
        self.second.mul_(_BETA_2).addcmul_(gradient, gradient, value=1.0 - _BETA_2)
        torch.sqrt(self.second, out=self._scratch)
        self._scratch.mul_((1.0 - _BETA_2**count) ** -0.5).add_(_EPSILON)
        self.parameters.addcdiv_(self.first, self._scratch, value=-learning_rate / (1.0 - _BETA_1**count))

    def select(self, candidates: Sequence[int]) -> "Adam":
        """Copies the state of some candidates.

        Args:
            candidates: their indices.
        """
        selected = Adam(self.parameters[candidates])
        selected.first, selected.second = self.first[candidates], self.second[candidates]
        return selected


@dataclass(slots=True, kw_only=True)
class Networks:
    """Actors, temperatures, critics and target networks; see ``Layout`` for the vectors."""

    actor: Adam
    """Of actors and log temperatures. Shape: (K, size of an actor + 1)."""
    critics: Adam
    """Shape: (K, NUM_CRITICS, size of a critic)."""
    targets: Tensor
    """Slowly following the critics. Same shape."""
    num_updates: int = 0
    """Gradient steps so far."""

    @classmethod
    def create(cls, vectors: Vectors, device: torch.device) -> "Networks":
        """Takes over parameters before the first gradient step.

        Args:
            vectors: the parameters.
            device: where they shall lie.
        """
        actor, critics = (torch.tensor(vector, device=device) for vector in vectors)
        return cls(actor=Adam(actor), critics=Adam(critics), targets=critics.clone())

    def select(self, candidates: Sequence[int]) -> "Networks":
        """Copies the state of some candidates.

        Args:
            candidates: their indices.
        """
        return Networks(
            actor=self.actor.select(candidates),
            critics=self.critics.select(candidates),
            targets=self.targets[list(candidates)],
            num_updates=self.num_updates,
        )

    def tensors(self) -> dict[str, Tensor]:
        """Names all of them; writing to one changes the state."""
        return {
            "actor": self.actor.parameters,
            "actor/first": self.actor.first,
            "actor/second": self.actor.second,
            "critics": self.critics.parameters,
            "critics/first": self.critics.first,
            "critics/second": self.critics.second,
            "targets": self.targets,
        }
