"""K actor-critics as stacked tensors: one batched matrix product serves the whole population."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

__all__ = ["ActorCritic", "Shape", "StackedMlp"]

_LOG_SQRT_2PI: Final = 0.5 * math.log(2.0 * math.pi)


class Shape(NamedTuple):
    """What a population of actor-critics has in common."""

    observation_size: int
    action_size: int
    """Number of choices, or of continuous components."""
    is_discrete: bool
    hidden_sizes: tuple[int, ...]


class StackedMlp:
    """K multi-layer perceptrons with tanh between the layers.

    Args:
        sizes: input size, hidden sizes, output size.
        output_gain: gain of the last layer's orthogonal initialisation; the others have √2.
        generators: one random generator per candidate.
    """

    def __init__(self, sizes: Sequence[int], output_gain: float, generators: Sequence[np.random.Generator]) -> None:
        self.weights: list[Tensor] = []
        """Shape of each: (num_candidates, in, out)."""
        self.biases: list[Tensor] = []
        """Shape of each: (num_candidates, 1, out)."""
        for layer, (num_in, num_out) in enumerate(pairwise(sizes)):
            gain = output_gain if layer == len(sizes) - 2 else math.sqrt(2.0)
            stacked = np.stack([_orthogonal(generator, num_in, num_out, gain) for generator in generators])
            self.weights.append(torch.from_numpy(stacked).requires_grad_())
            self.biases.append(torch.zeros(len(generators), 1, num_out, requires_grad=True))

    def select(self, candidates: Sequence[int]) -> "StackedMlp":
        """Copies some of the networks.

        Args:
            candidates: their indices.
        """
        selected = StackedMlp.__new__(StackedMlp)
        selected.weights, selected.biases = (_pick(tensors, candidates) for tensors in (self.weights, self.biases))
        return selected

    @property
    def parameters(self) -> list[Tensor]:
        """All tensors; the first axis is the candidate."""
        return [*self.weights, *self.biases]

    def forward(self, inputs: Tensor) -> Tensor:
        """Computes all outputs.

        Args:
            inputs: Shape: (num_candidates, batch, in).

        Returns:
            Shape: (num_candidates, batch, out).
        """
        hidden = inputs
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias, hidden, weight)
            if layer < last:
                hidden = torch.tanh(hidden)
        return hidden


class ActorCritic:
    """K independent actors and critics with the same shape.

    A discrete actor gives logits; a continuous one the mean of a Gaussian in [-1, 1] units with a state-free log
    standard deviation that starts at 0.

    Args:
        shape: what the candidates have in common.
        generators: one random generator per candidate; a candidate's initial weights depend on its own alone.
    """

    def __init__(self, shape: Shape, generators: Sequence[np.random.Generator]) -> None:
        self.shape = shape
        hidden = (shape.observation_size, *shape.hidden_sizes)
        self.actor = StackedMlp((*hidden, shape.action_size), 0.01, generators)
        self.critic = StackedMlp((*hidden, 1), 1.0, generators)
        self.log_std = torch.zeros(len(generators), 1, shape.action_size, requires_grad=not shape.is_discrete)

    def select(self, candidates: Sequence[int]) -> "ActorCritic":
        """Copies some of the candidates.

        Args:
            candidates: their indices.
        """
        selected = ActorCritic.__new__(ActorCritic)
        selected.shape = self.shape
        selected.actor, selected.critic = self.actor.select(candidates), self.critic.select(candidates)
        [selected.log_std] = _pick([self.log_std], candidates)
        return selected

    @property
    def parameters(self) -> list[Tensor]:
        """All trained tensors; the first axis is the candidate."""
        extra = [] if self.shape.is_discrete else [self.log_std]
        return [*self.actor.parameters, *self.critic.parameters, *extra]

    def values(self, observation: Tensor) -> Tensor:
        """Estimates the value of states.

        Args:
            observation: normalised. Shape: (num_candidates, batch, observation_size).

        Returns:
            Shape: (num_candidates, batch).
        """
        return self.critic.forward(observation).squeeze(-1)

    def log_probability(self, head: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """Computes the log-probability of actions and the entropy of their distribution.

        Args:
            head: output of the actor. Shape: (num_candidates, batch, action_size).
            action: choices, shape (num_candidates, batch), or values, shape (num_candidates, batch, action_size).

        Returns:
            Log-probability and entropy. Shape of each: (num_candidates, batch).
        """
        if self.shape.is_discrete:
            log_probs = torch.log_softmax(head, dim=-1)
            chosen = log_probs.gather(-1, action.unsqueeze(-1)).squeeze(-1)
            return chosen, -(log_probs.exp() * log_probs).sum(-1)
        deviation = (action - head) * torch.exp(-self.log_std)
        log_prob = (-0.5 * deviation.square() - self.log_std - _LOG_SQRT_2PI).sum(-1)
        entropy = (self.log_std + 0.5 + _LOG_SQRT_2PI).sum(-1).expand_as(log_prob)
        return log_prob, entropy


def _pick(tensors: Sequence[Tensor], candidates: Sequence[int]) -> list[Tensor]:
    return [tensor.detach()[list(candidates)].clone().requires_grad_(tensor.requires_grad) for tensor in tensors]


def _orthogonal(
    generator: np.random.Generator, num_in: int, num_out: int, gain: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Draws a matrix with orthonormal rows or columns (Saxe et al. 2014), times a gain."""
    normal = generator.standard_normal((max(num_in, num_out), min(num_in, num_out)))
    orthogonal, triangle = np.linalg.qr(normal)
    orthogonal = orthogonal * np.sign(np.diag(triangle))
    return (gain * (orthogonal if num_in >= num_out else orthogonal.T)).astype(np.float32)
