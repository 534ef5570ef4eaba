"""The ensemble while it learns: stacked perceptrons in torch, one batched product for all members."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skillwright.core.seeding import generator
from skillwright.rewards.preferences.dataset import ChosenPairs

if TYPE_CHECKING:
    from skillwright.rewards.preferences.fitting import FitConfig

__all__ = ["Ensemble", "preference_loss"]

Float = NDArray[np.float32]


class Ensemble:
    """Perceptrons with tanh between their layers, and their optimiser.

    Args:
        config: how they learn.
        sizes: of their layers, from features to 1.
        seed: of their first weights.
    """

    def __init__(self, config: "FitConfig", sizes: Sequence[int], *, seed: int) -> None:
        self._config = config
        random = generator(seed, "preferences", "weights")
        self._parameters: list[Tensor] = []
        for inputs, outputs in pairwise(sizes):
            weight = random.standard_normal((config.num_members, inputs, outputs)) / math.sqrt(inputs)
            bias = np.zeros((config.num_members, 1, outputs))
            self._parameters += [
                torch.tensor(array, dtype=torch.float32, requires_grad=True) for array in (weight, bias)
            ]
        self._optimizer = torch.optim.AdamW(
            self._parameters, lr=config.learning_rate, weight_decay=config.weight_decay, foreach=False
        )

    def load(self, pairs: ChosenPairs) -> None:
        """Takes the choices to learn from.

        Args:
            pairs: their features normalised.
        """
        in_a, in_b = pairs.mask
        self._clips = torch.from_numpy(np.stack([pairs.a, pairs.b], axis=1))
        self._mask = torch.from_numpy(np.stack([in_a, in_b], axis=1).astype(np.float32))
        self._target = torch.from_numpy(pairs.target.astype(np.float32))

    def learn(self, drawn: NDArray[np.int64]) -> None:
        """Takes the gradient steps of one pass.

        Args:
            drawn: indices of each member's pairs, in the order to learn. Shape: (num_members, num_drawn).
        """
        indices = torch.from_numpy(drawn)
        for chosen in indices.split(self._config.batch_pairs, dim=1):
            self._optimizer.zero_grad()
            self._losses(chosen).mean(dim=1).sum().backward()
            self._optimizer.step()

    def losses(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """Computes the loss of pairs, of other ones for each member.

        Args:
            chosen: indices of pairs. Shape: (num_members, num_chosen).

        Returns:
            Shape: (num_members, num_chosen).
        """
        with torch.inference_mode():
            return self._losses(torch.from_numpy(chosen)).numpy().astype(np.float64)

    def tensors(self) -> list[Float]:
        """Gives weight and bias of each layer in turn; they change when ``learn`` is called."""
        return [parameter.detach().numpy() for parameter in self._parameters]

    def _losses(self, chosen: Tensor) -> Tensor:
        returns = self._returns(self._clips[chosen], self._mask[chosen])
        return preference_loss(returns, self._target[chosen], self._config.error_rate)

    def _returns(self, clips: Tensor, mask: Tensor) -> Tensor:
        """Sums each clip's predicted rewards. Shape: (K, P, 2, T, F), (K, P, 2, T) -> (K, P, 2)."""
        hidden = clips.flatten(1, 3)
        for layer in range(0, len(self._parameters), 2):
            weight, bias = self._parameters[layer : layer + 2]
            hidden = torch.baddbmm(bias, hidden, weight)
            if layer < len(self._parameters) - 2:
                hidden = torch.tanh(hidden)
        return (hidden.view(mask.shape) * mask).sum(dim=-1)


def preference_loss(returns: Tensor, target: Tensor, error_rate: float) -> Tensor:
    """Computes what ``bradley_terry.cross_entropy`` does, differentiably.

    Args:
        returns: R(a) and R(b). Shape: (..., num_pairs, 2).
        target: how probably a is to be preferred. Shape: broadcastable to (..., num_pairs).
        error_rate: ε, in [0, 1).

    Returns:
        Shape: (..., num_pairs).
    """
    difference = returns[..., 0] - returns[..., 1]
    if error_rate == 0.0:
        return torch.nn.functional.softplus(difference) - target * difference
    chosen_a = (1.0 - error_rate) * torch.sigmoid(difference) + 0.5 * error_rate
    chosen_b = (1.0 - error_rate) * torch.sigmoid(-difference) + 0.5 * error_rate
    return -target * torch.log(chosen_a) - (1.0 - target) * torch.log(chosen_b)
