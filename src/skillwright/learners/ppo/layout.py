"""How the networks of a population lie in memory: one flat vector of float32 per candidate.

A candidate's vector holds its actor, its critic and, for continuous actions, the log standard deviation, in this
order. So an optimiser, a gradient norm, a checkpoint or the choice of some candidates needs to know nothing of layers.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.learners.actor import Actor
from skillwright.learners.layers import Layers

__all__ = ["Layout", "Shape"]

Float = NDArray[np.float32]

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
        self.actor_layers = Layers((shape.observation_size, *shape.hidden_sizes, shape.action_size))
        self.critic_layers = Layers((shape.observation_size, *shape.hidden_sizes, 1))
        begin_critic = self.actor_layers.num_numbers
        begin_log_std = begin_critic + self.critic_layers.num_numbers
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
            _fill(vector[self.actor], self.actor_layers, _ACTOR_GAIN, generator)
            _fill(vector[self.critic], self.critic_layers, _CRITIC_GAIN, generator)
        return parameters

    def actor_in(self, vector: Float) -> Actor:
        """Gives a candidate's actor; writing to it changes the vector.

        Args:
            vector: of the candidate. Shape: (size,).
        """
        is_discrete = self.shape.is_discrete
        return Actor(
            action_kind="discrete" if is_discrete else "continuous",
            activation="tanh",
            squash="clip",
            layers=self.actor_layers.named(vector[self.actor]),
            exploration={} if is_discrete else {"log_std": vector[self.log_std]},
        )


def _fill(network: Float, layers: Layers, output_gain: float, generator: np.random.Generator) -> None:
    for index, (weight, _) in enumerate(layers.cut(network[None])):
        gain = output_gain if index == len(layers.sizes) - 2 else _HIDDEN_GAIN
        weight[0] = gain * _orthogonal(generator, *weight.shape[1:])


def _orthogonal(generator: np.random.Generator, num_in: int, num_out: int) -> NDArray[np.float64]:
    """Draws a matrix with orthonormal rows or columns."""
    normal = generator.standard_normal((max(num_in, num_out), min(num_in, num_out)))
    orthogonal, triangle = np.linalg.qr(normal)
    orthogonal = orthogonal * np.sign(np.diag(triangle))
    return orthogonal if num_in >= num_out else orthogonal.T
