"""How the networks of a population lie in memory: flat vectors of float32 per candidate.

One vector holds the actor and, as its last number, the logarithm of the temperature; two more hold the two critics. A
network holds each layer's weight and then its bias. So an optimiser, a target network, a checkpoint or the choice of
some candidates needs to know nothing of layers. A weight lies with its longer side contiguous: the matrix products of
narrow layers are up to ten times as fast so.
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

__all__ = ["NUM_CRITICS", "Layout", "Shape", "Vectors", "layers"]

Float = NDArray[np.float32]
Array = TypeVar("Array", Float, "Tensor")

NUM_CRITICS: Final = 2
"""The smaller of two values is trusted, against overestimation."""

_SPREAD: Final = ("log_std_weight", "log_std_bias")
"""The part of an actor's last layer that a policy does not need to act."""
_TEMPERATURE: Final = "log_temperature"


class Shape(NamedTuple):
    """What the networks of a population have in common."""

    observation_size: int
    action_size: int
    hidden_sizes: tuple[int, ...]


class Vectors(NamedTuple):
    """The networks of K candidates."""

    actor: Float
    """Shape: (K, size of an actor + 1)."""
    critics: Float
    """Shape: (K, NUM_CRITICS, size of a critic)."""


class Layout:
    """Where each layer lies.

    An actor takes an observation and gives the mean and the log standard deviation of each component of the action
    before it is squashed, means first; a critic takes an observation and an action in [-1, 1] units and gives a value.

    Args:
        shape: what the candidates have in common.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.actor_sizes = (shape.observation_size, *shape.hidden_sizes, 2 * shape.action_size)
        self.critic_sizes = (shape.observation_size + shape.action_size, *shape.hidden_sizes, 1)

    def initialize(self, generators: Sequence[np.random.Generator], temperature: float) -> Vectors:
        """Draws weights and biases uniformly within ±1/√fan-in (what torch gives a linear layer).

        Args:
            generators: one per candidate; its networks depend on its own alone.
            temperature: α at the start.
        """
        actors = [_draw(self.actor_sizes, generator) for generator in generators]
        critics = [[_draw(self.critic_sizes, one) for _ in range(NUM_CRITICS)] for one in generators]
        log_temperature = np.full((len(actors), 1), math.log(temperature), np.float32)
        return Vectors(np.concatenate([np.stack(actors), log_temperature], axis=1), np.array(critics, np.float32))

    def adopt(self, vector: Float, policy: Policy) -> None:
        """Replaces a candidate's actor and temperature by a trained policy's; the critics stay.

        Args:
            vector: of the candidate's actor. Shape: (size of an actor + 1,).
            policy: of the same architecture; if it does not say how it explored, that stays, too.

        Raises:
            ConfigError: the architectures differ.
        """
        own, given, spec = self._tensors(vector), policy.tensors, policy.spec
        if (spec.activation, spec.squash, spec.num_layers) != ("relu", "tanh", len(self.actor_sizes) - 1):
            raise ConfigError("cannot start from this policy: its network is not of the kind that sac trains")
        known = [name for name in own if name in given or name not in (*_SPREAD, _TEMPERATURE)]
        if any(name not in given or given[name].shape != own[name].shape for name in known):
            raise ConfigError("cannot start from this policy: its network has other layers than the learner's")
        for name in known:
            own[name][:] = given[name]

    def extract(self, vector: Float) -> dict[str, Float]:
        """Copies a candidate's actor and temperature as the tensors of a policy.

        Args:
            vector: of the candidate's actor. Shape: (size of an actor + 1,).
        """
        return {name: tensor.copy() for name, tensor in self._tensors(vector).items()}

    def _tensors(self, vector: Float) -> dict[str, Float]:
        """Names the parts of an actor's vector, as views."""
        tensors = {_TEMPERATURE: vector[-1:]}
        for index, (weight, bias) in enumerate(layers(vector[None, :-1], self.actor_sizes)):
            tensors[f"weight_{index}"], tensors[f"bias_{index}"] = weight[0], bias[0, 0]
        size, last = self.shape.action_size, len(self.actor_sizes) - 2
        for name, whole in zip(_SPREAD, (f"weight_{last}", f"bias_{last}"), strict=True):
            tensors[whole], tensors[name] = tensors[whole][..., :size], tensors[whole][..., size:]
        return tensors


def layers(network: Array, sizes: Sequence[int]) -> Iterator[tuple[Array, Array]]:
    """Gives the weights and biases of stacked networks, as views.

    Args:
        network: flat parameters. Shape: (num_networks, numbers of a network).
        sizes: input size, hidden sizes, output size.

    Yields:
        Weight, shape (num_networks, in, out), and bias, shape (num_networks, 1, out), of each layer.
    """
    begin = 0
    for num_in, num_out in pairwise(sizes):
        middle, end = begin + num_in * num_out, begin + (num_in + 1) * num_out
        weight, bias = network[:, begin:middle], network[:, middle:end].reshape(-1, 1, num_out)
        yield weight.reshape(-1, num_in, num_out) if num_in <= num_out else weight.reshape(-1, num_out, num_in).mT, bias
        begin = end


def _draw(sizes: Sequence[int], generator: np.random.Generator) -> Float:
    vectors = [
        generator.uniform(-1.0, 1.0, (num_in + 1) * num_out) / math.sqrt(num_in) for num_in, num_out in pairwise(sizes)
    ]
    return np.concatenate(vectors).astype(np.float32)
