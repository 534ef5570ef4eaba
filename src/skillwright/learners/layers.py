"""The layers of perceptrons: where they lie in flat vectors, and what a policy calls them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Layers"]

Float = NDArray[np.float32]
Array = TypeVar("Array", Float, "Tensor")


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of one architecture. A network is one flat vector: each layer's weight and then its bias."""

    sizes: tuple[int, ...]
    """Input size, hidden sizes, output size."""
    turns_tall_weights: bool = False
    """Whether a weight with more inputs than outputs lies column by column; else every weight lies row by row."""

    @property
    def num_numbers(self) -> int:
        """Numbers in a network's vector."""
        return sum((num_in + 1) * num_out for num_in, num_out in pairwise(self.sizes))

    def cut(self, networks: Array) -> Iterator[tuple[Array, Array]]:
        """Cuts stacked networks into weights and biases, as views.

        Args:
            networks: Shape: (num_networks, num_numbers).

        Yields:
            Weight, shape (num_networks, in, out), and bias, shape (num_networks, 1, out), of each layer.
        """
        begin = 0
        for num_in, num_out in pairwise(self.sizes):
            middle, end = begin + num_in * num_out, begin + (num_in + 1) * num_out
            weight, bias = networks[:, begin:middle], networks[:, middle:end].reshape(-1, 1, num_out)
            if self.turns_tall_weights and num_in > num_out:
                yield weight.reshape(-1, num_out, num_in).mT, bias
            else:
                yield weight.reshape(-1, num_in, num_out), bias
            begin = end

    def named(self, network: Float) -> dict[str, Float]:
        """Gives one network's weights and biases under the names they have in a policy, as views.

        Args:
            network: Shape: (num_numbers,).
        """
        tensors: dict[str, Float] = {}
        for index, (weight, bias) in enumerate(self.cut(network[None])):
            tensors[f"weight_{index}"], tensors[f"bias_{index}"] = weight[0], bias[0, 0]
        return tensors
