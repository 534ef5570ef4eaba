"""How the networks of a population lie in memory: one flat vector of float32 per candidate.

A candidate's vector holds its actor, its critic and, for continuous actions, the log standard deviation, in this
order; a network holds each layer's weight, row by row, and then its bias. So an optimiser, a gradient norm, a
checkpoint or the choice of some candidates needs to know nothing of layers.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ConfigError
from skillwright.learners.policy import Policy

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Layout", "Shape", "layers"]

Float = NDArray[np.float32]
Array = TypeVar("Array", Float, "Tensor")

_HIDDEN_GAIN: Final = math.sqrt(2.0)
_ACTOR_GAIN: Final = 0.01
_CRITIC_GAIN: Final = 1.0


class Shape(NamedTuple):
    """What a population of actor-critics has in common."""

    observation_size: int
    action_size: int
    """Number of choices, or of continuous components."""
    is_discrete: bool
    hidden_sizes: tuple[int, ...]


class Layout:
    """Where each network lies in a candidate's vector.

    A discrete actor gives logits; a continuous one the mean of a Gaussian in [-1, 1] units with a state-free log
    standard deviation that starts at 0.

    Args:
        shape: what the candidates have in common.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.actor_sizes = (shape.observation_size, *shape.hidden_sizes, shape.action_size)
        self.critic_sizes = (shape.observation_size, *shape.hidden_sizes, 1)
        begin_critic = _count(self.actor_sizes)
        begin_log_std = begin_critic + _count(self.critic_sizes)
        self.size = begin_log_std + (0 if shape.is_discrete else shape.action_size)
        """Numbers in a candidate's vector."""
        self.actor = slice(0, begin_critic)
        self.critic = slice(begin_critic, begin_log_std)
        self.log_std = slice(begin_log_std, self.size)

    def initialize(self, generators: Sequence[np.random.Generator]) -> Float:
        """Draws orthogonal weights (Saxe et al. 2014, arXiv:1312.6120) and zero biases.

        Args:
            generators: one per candidate; its weights depend on its own alone.

        Returns:
            Shape: (num_candidates, size).
        """
        parameters = np.zeros((len(generators), self.size), np.float32)
        for vector, generator in zip(parameters, generators, strict=True):
            _fill(vector[None, self.actor], self.actor_sizes, _ACTOR_GAIN, generator)
            _fill(vector[None, self.critic], self.critic_sizes, _CRITIC_GAIN, generator)
        return parameters

    def adopt(self, vector: Float, policy: Policy) -> None:
        """Replaces a candidate's actor by a trained policy's; the critic stays.

        Args:
            vector: of the candidate. Shape: (size,).
            policy: with the same architecture.

        Raises:
            ConfigError: the architectures differ.
        """
        if (policy.spec.activation, policy.spec.squash) != ("tanh", "clip"):
            raise ConfigError("cannot start from this policy: another kind of learner trained it, with another network")
        for index, (weight, bias) in enumerate(layers(vector[None, self.actor], self.actor_sizes)):
            given = policy.tensors.get(f"weight_{index}")
            if given is None or given.shape != weight.shape[1:] or policy.spec.num_layers != len(self.actor_sizes) - 1:
                raise ConfigError("cannot start from this policy: its network has other layers than the learner's")
            weight[0], bias[0, 0] = given, policy.tensors[f"bias_{index}"]
        if "log_std" in policy.tensors:
            vector[self.log_std] = policy.tensors["log_std"]

    def extract(self, vector: Float) -> dict[str, Float]:
        """Copies a candidate's actor as the tensors of a policy.

        Args:
            vector: of the candidate. Shape: (size,).
        """
        tensors = {}
        for index, (weight, bias) in enumerate(layers(vector[None, self.actor], self.actor_sizes)):
            tensors[f"weight_{index}"], tensors[f"bias_{index}"] = weight[0].copy(), bias[0, 0].copy()
        if not self.shape.is_discrete:
            tensors["log_std"] = vector[self.log_std].copy()
        return tensors


def layers(network: Array, sizes: Sequence[int]) -> Iterator[tuple[Array, Array]]:
    """Gives the weights and biases of stacked networks, as views.

    Args:
        network: flat parameters. Shape: (num_candidates, numbers of the network).
        sizes: input size, hidden sizes, output size.

    Yields:
        Weight, shape (num_candidates, in, out), and bias, shape (num_candidates, 1, out), of each layer.
    """
    begin = 0
    for num_in, num_out in pairwise(sizes):
        middle, end = begin + num_in * num_out, begin + (num_in + 1) * num_out
        yield network[:, begin:middle].reshape(-1, num_in, num_out), network[:, middle:end].reshape(-1, 1, num_out)
        begin = end


def _count(sizes: Sequence[int]) -> int:
    return sum((num_in + 1) * num_out for num_in, num_out in pairwise(sizes))


def _fill(network: Float, sizes: Sequence[int], output_gain: float, generator: np.random.Generator) -> None:
    for index, (weight, _) in enumerate(layers(network, sizes)):
        gain = output_gain if index == len(sizes) - 2 else _HIDDEN_GAIN
        weight[0] = gain * _orthogonal(generator, *weight.shape[1:])


def _orthogonal(generator: np.random.Generator, num_in: int, num_out: int) -> NDArray[np.float64]:
    """Draws a matrix with orthonormal rows or columns."""
    normal = generator.standard_normal((max(num_in, num_out), min(num_in, num_out)))
    orthogonal, triangle = np.linalg.qr(normal)
    orthogonal = orthogonal * np.sign(np.diag(triangle))
    return orthogonal if num_in >= num_out else orthogonal.T
