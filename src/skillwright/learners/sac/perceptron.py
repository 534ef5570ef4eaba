"""Stacked multi-layer perceptrons with ReLU, run forwards and backwards by hand in memory that is used again.

One batched matrix product serves all networks of a stack. That no memory is allocated matters more: fresh tensors of
this size cost a CPU more in page faults than the arithmetic on them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from skillwright.learners.layers import Layers

__all__ = ["Perceptrons", "Tape", "backward", "forward"]


class Perceptrons:
    """N networks of one architecture, as views of their flat parameters (or of flat gradients).

    Args:
        parameters: Shape: (N, numbers of a network).
        layers: of each.
    """

    def __init__(self, parameters: Tensor, layers: Layers) -> None:
        self.layers = list(layers.cut(parameters))


class Tape(NamedTuple):
    """Memory for one pass through N networks; entry i belongs to the i-th sizes of the networks."""

    values: list[Tensor]
    """Inputs, hidden layers after ReLU, outputs. Shape of each: (N, num_rows, size)."""
    errors: list[Tensor]
    """Derivative of the loss by each of them. Same shapes."""

    @classmethod
    def create(cls, num_networks: int, num_rows: int, sizes: Sequence[int], device: torch.device) -> "Tape":
        """Allocates the memory.

        Args:
            num_networks: N.
            num_rows: inputs per network.
            sizes: of the layers.
            device: where.
        """
        values, errors = (
            [torch.zeros(num_networks, num_rows, size, device=device) for size in sizes] for _ in range(2)
        )
        return cls(values, errors)

    def first(self, num_rows: int) -> "Tape":
        """Gives the first rows of every network.

        Args:
            num_rows: how many.
        """
        return Tape([value[:, :num_rows] for value in self.values], [error[:, :num_rows] for error in self.errors])


def forward(networks: Perceptrons, tape: Tape) -> Tensor:
    """Computes the outputs.

    Args:
        networks: N of them.
        tape: with the inputs in ``values[0]``; all other values are overwritten.

    Returns:
        ``tape.values[-1]``.
    """
    values, last = tape.values, len(networks.layers) - 1
    for index, (weight, bias) in enumerate(networks.layers):
        torch.baddbmm(bias, values[index], weight, out=values[index + 1])
        if index < last:
            values[index + 1].relu_()
    return values[-1]


def backward(networks: Perceptrons, tape: Tape, gradient: Perceptrons | None) -> Tensor:
    """Propagates errors back to the parameters, or else to the inputs.

    Args:
        networks: N of them.
        tape: as ``forward`` left it, with the error of the outputs in ``errors[-1]``.
        gradient: where the gradient by the parameters is written; none: the inputs' error is wanted instead.

    Returns:
        ``tape.errors[0]``; meaningless if a gradient was asked for.
    """
    values, errors = tape
    for index in range(len(networks.layers) - 1, -1, -1):
        error = errors[index + 1]
        if gradient is not None:
            of_weight, of_bias = gradient.layers[index]
            if of_weight.stride(-1) == 1:
                torch.bmm(values[index].mT, error, out=of_weight)
            else:
                torch.bmm(error.mT, values[index], out=of_weight.mT)
            torch.sum(error, 1, keepdim=True, out=of_bias)
        if index > 0 or gradient is None:
            torch.bmm(error, networks.layers[index][0].mT, out=errors[index])
        if index > 0:
            torch.ops.aten.threshold_backward.grad_input(errors[index], values[index], 0, grad_input=errors[index])
    return errors[0]
