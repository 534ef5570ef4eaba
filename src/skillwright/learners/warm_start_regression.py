"""The two regressions of a warm start, in torch: a value of states, and an actor that repeats weighted actions."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from skillwright.learners.actor import Actor

__all__ = ["Deeds", "clone", "fit_value"]

Float = NDArray[np.float32]

_HIDDEN: Final = (64, 64)
_BATCH: Final = 256
_LEARNING_RATE: Final = 1e-3
_LEAST_LOG_STD: Final = -1.0
"""A policy that explored less would not learn more than what it repeats."""
_LEAST_ENTROPY: Final = 0.5
"""The same for choices: mean entropy as a share of the largest there can be."""
_LEAST_SCALE: Final = 0.01


def fit_value(seen: Float, target: Float, *, num_updates: int, random: np.random.Generator) -> Callable[[Float], Float]:
    """Fits a value of states by least squares.

    Args:
        seen: normalised observations. Shape: (num, size).
        target: Shape: (num,).
        num_updates: gradient steps.
        random: draws weights and minibatches.

    Returns:
        The value of normalised observations. Shape: (num,).
    """
    sizes = (seen.shape[1], *_HIDDEN, 1)
    network = [part for one in pairwise(sizes) for part in _draw_layer(one, random)]
    mean, deviation = float(target.mean()), max(float(target.std()), 1e-8)
    inputs, wanted = torch.from_numpy(seen), torch.from_numpy((target - mean) / np.float32(deviation))

    def loss(rows: Tensor) -> Tensor:
        return functional.mse_loss(_forward(network, inputs[rows], torch.tanh)[:, 0], wanted[rows])

    _descend(network, loss, len(seen), num_updates, random)

    def value(observation: Float) -> Float:
        with torch.no_grad():
            output = _forward(network, torch.from_numpy(observation), torch.tanh)[:, 0]
        return (output.numpy() * deviation + mean).astype(np.float32)

    return value


class Deeds(NamedTuple):
    """What was done where, and how much it counts."""

    seen: Float
    """Normalised observations. Shape: (num, size)."""
    action: NDArray[np.int64] | Float
    """Choices, shape (num,), or values in [-1, 1], shape (num, num_components)."""
    weight: Float
    """Shape: (num,)."""


def clone(actor: Actor, deeds: Deeds, *, num_updates: int, random: np.random.Generator) -> None:
    """Teaches an actor to do what was done, the more so the more it weighs.

    Choices are learned by log-likelihood, and so are a Gaussian's mean and deviation; the mean of a squashed Gaussian
    is learned by least squares, and its deviation stays as it was.

    Args:
        actor: its numbers are changed.
        deeds: at least one.
        num_updates: gradient steps.
        random: draws minibatches.
    """
    names = [f"{part}_{layer}" for layer in range(actor.num_layers) for part in ("weight", "bias")]
    network = [torch.from_numpy(actor.layers[name].copy()).requires_grad_() for name in names]
    spread = [torch.from_numpy(actor.exploration["log_std"].copy()).requires_grad_()] if _is_gaussian(actor) else []
    inputs, done, weights = (torch.from_numpy(column) for column in deeds)
    between = torch.tanh if actor.activation == "tanh" else torch.relu

    def loss(rows: Tensor) -> Tensor:
        output = _forward(network, inputs[rows], between)
        return (weights[rows] * _surprise(actor, output, done[rows], spread)).mean()

    _descend([*network, *spread], loss, len(inputs), num_updates, random)
    for name, learned in zip(names, network, strict=True):
        actor.layers[name][:] = learned.detach().numpy()
    if actor.action_kind == "discrete":
        _soften(actor, _forward(network, inputs, between).detach().numpy())
    if spread:
        actor.exploration["log_std"][:] = spread[0].detach().clamp(_LEAST_LOG_STD, 0.0).numpy()


def _soften(actor: Actor, logits: Float) -> None:
    """Scales the last layer down until choices are uncertain enough on the mean; which is likeliest stays."""
    scale, wanted = 1.0, _LEAST_ENTROPY * math.log(logits.shape[1])
    while scale > _LEAST_SCALE and _entropy(logits * np.float32(scale)) < wanted:
        scale *= 0.8
    for part in ("weight", "bias"):
        actor.layers[f"{part}_{actor.num_layers - 1}"][:] *= np.float32(scale)


def _entropy(logits: Float) -> float:
    """Gives the mean entropy of choices, in nats."""
    logarithm = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return float(-(np.exp(logarithm) * logarithm).sum(axis=1).mean())


def _is_gaussian(actor: Actor) -> bool:
    return actor.action_kind == "continuous" and actor.squash == "clip"


def _surprise(actor: Actor, output: Tensor, action: Tensor, spread: Sequence[Tensor]) -> Tensor:
    """Gives the negative log-likelihood of actions up to a constant, or their squared error. Shape: (batch,)."""
    if actor.action_kind == "discrete":
        return functional.cross_entropy(output, action, reduction="none")
    if spread:
        [log_std] = spread
        return (0.5 * ((action - output) * torch.exp(-log_std)).square() + log_std).sum(dim=1)
    return (torch.tanh(output) - action).square().sum(dim=1)


def _draw_layer(sizes: tuple[int, int], random: np.random.Generator) -> tuple[Tensor, Tensor]:
    bound = 1.0 / math.sqrt(sizes[0])
    weight = random.uniform(-bound, bound, sizes).astype(np.float32)
    return torch.from_numpy(weight).requires_grad_(), torch.zeros(sizes[1], requires_grad=True)


def _forward(network: Sequence[Tensor], inputs: Tensor, between: Callable[[Tensor], Tensor]) -> Tensor:
    hidden = inputs
    for layer in range(0, len(network), 2):
        hidden = torch.addmm(network[layer + 1], hidden, network[layer])
        if layer < len(network) - 2:
            hidden = between(hidden)
    return hidden


def _descend(
    parameters: Sequence[Tensor],
    loss: Callable[[Tensor], Tensor],
    num: int,
    num_updates: int,
    random: np.random.Generator,
) -> None:
    """Takes gradient steps (Adam) on minibatches drawn with replacement."""
    optimizer = torch.optim.Adam(parameters, lr=_LEARNING_RATE, fused=True)
    for _ in range(num_updates):
        optimizer.zero_grad(set_to_none=True)
        loss(torch.from_numpy(random.integers(num, size=_BATCH))).backward()
        optimizer.step()
