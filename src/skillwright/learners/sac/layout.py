"""How the networks of a population lie in memory: flat vectors of float32 per candidate.

One vector holds the actor and, as its last number, the logarithm of the temperature; two more hold the two critics. So
an optimiser, a target network, a checkpoint or the choice of some candidates needs to know nothing of layers. A weight
lies with its longer side contiguous: the matrix products of narrow layers are up to ten times as fast so.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.learners.actor import Actor
from skillwright.learners.layers import Layers

__all__ = ["NUM_CRITICS", "Layout", "Shape", "Vectors"]

Float = NDArray[np.float32]

NUM_CRITICS: Final = 2
"""The smaller of two values is trusted, against overestimation."""


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
        num_seen, num_acted, hidden = shape.observation_size, shape.action_size, shape.hidden_sizes
        self.actor_layers = Layers((num_seen, *hidden, 2 * num_acted), turns_tall_weights=True)
        self.critic_layers = Layers((num_seen + num_acted, *hidden, 1), turns_tall_weights=True)

    def initialize(self, generators: Sequence[np.random.Generator], temperature: float) -> Vectors:
        """Draws weights and biases uniformly within ±1/√fan-in (what torch gives a linear layer).

        Args:
            generators: one per candidate; its networks depend on its own alone.
            temperature: α at the start.
        """
        actors = [_draw(self.actor_layers, generator) for generator in generators]
        critics = [[_draw(self.critic_layers, one) for _ in range(NUM_CRITICS)] for one in generators]
        log_temperature = np.full((len(actors), 1), math.log(temperature), np.float32)
        return Vectors(np.concatenate([np.stack(actors), log_temperature], axis=1), np.array(critics, np.float32))

    def actor_in(self, vector: Float) -> Actor:
        """Gives a candidate's actor; writing to it changes the vector.

        Args:
            vector: of the candidate's actor. Shape: (size of an actor + 1,).
        """
        layers, size = self.actor_layers.named(vector[:-1]), self.shape.action_size
        exploration = {"log_temperature": vector[-1:]}
        for part in ("weight", "bias"):
            last = f"{part}_{len(self.shape.hidden_sizes)}"
            layers[last], exploration[f"log_std_{part}"] = layers[last][..., :size], layers[last][..., size:]
        return Actor(action_kind="continuous", activation="relu", squash="tanh", layers=layers, exploration=exploration)


def _draw(layers: Layers, generator: np.random.Generator) -> Float:
    vectors = [
        generator.uniform(-1.0, 1.0, (num_in + 1) * num_out) / math.sqrt(num_in)
        for num_in, num_out in pairwise(layers.sizes)
    ]
    return np.concatenate(vectors).astype(np.float32)
