"""The readable reference: the loss of PPO as in the paper, differentiated by torch, on any device.

Proximal policy optimisation after Schulman et al. 2017 (arXiv:1707.06347). Per candidate and minibatch the loss is

    L(θ) = −mean[min(ρₜ Âₜ, clip(ρₜ, 1−ε, 1+ε) Âₜ)] + c_v · mean[(V(sₜ) − Rₜ)²] − c_e · mean[H(π(·|sₜ))]   (eq. 7, 9)

with ρₜ = π(aₜ|sₜ) / π_old(aₜ|sₜ), advantages normalised per minibatch, and the gradient's norm clipped per candidate.
"""

import math
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skillwright.envs import Actions
from skillwright.learners.layers import Layers
from skillwright.learners.policy import normalize, to_bounds
from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.engine import BETA_1, BETA_2, EPSILON, Acts, Batch, Optimizer, Sight
from skillwright.learners.ppo.layout import Layout

__all__ = ["TorchEngine"]

Float = NDArray[np.float32]

_LOG_SQRT_2PI: Final = 0.5 * math.log(2.0 * math.pi)


class _Minibatch(NamedTuple):
    """``Batch`` on the device; all columns have shape (K, minibatch, ...)."""

    observation: Tensor
    action: Tensor
    log_probability: Tensor
    advantage: Tensor
    returns: Tensor
    weight: Tensor


class TorchEngine:
    """K actor-critics as stacked tensors: one batched matrix product serves the whole population.

    Args:
        config: what all candidates share.
        layout: of their networks.
        device: where to compute.
    """

    def __init__(self, config: PPOConfig, layout: Layout, device: str) -> None:
        self._config = config
        self._layout = layout
        self._device = torch.device(device)
        torch.set_num_threads(1)

    def act(self, parameters: Float, sight: Sight, acts: Acts) -> None:
        """Runs the actors, and draws their actions; see ``Engine.act``."""
        acts.normalized[:] = normalize(sight.observation, sight.mean[:, None], sight.scale[:, None])
        with torch.inference_mode():
            acts.head[:] = _to_numpy(self._heads(self._load(parameters), self._load(acts.normalized)))
        drawn = acts.head + sight.noise
        if self._layout.shape.is_discrete:
            acts.action[:] = acts.env_action[:] = drawn.argmax(axis=-1)
        else:
            acts.action[:], acts.env_action[:] = drawn, to_bounds(drawn, *sight.bounds)

    def values(self, parameters: Float, observation: Float) -> Float:
        """Runs the critics; see ``Engine.values``."""
        with torch.inference_mode():
            return _to_numpy(self._values(self._load(parameters), self._load(observation)))

    def log_probabilities(self, parameters: Float, head: Float, action: Actions) -> Float:
        """Computes the log-probability of actions; see ``Engine.log_probabilities``."""
        with torch.inference_mode():
            log_std = self._load(parameters)[:, self._layout.log_std]
            return _to_numpy(self._distribution(log_std, self._load(head), self._load(action))[0])

    def improve(
        self, parameters: Float, optimizer: Optimizer, batch: Batch, order: NDArray[np.int32], learning_rate: float
    ) -> None:
        """Takes all gradient steps of one rollout; see ``Engine.improve``."""
        weights = self._load(parameters).clone().requires_grad_()
        first, second = self._load(optimizer.first).clone(), self._load(optimizer.second).clone()
        columns = [self._load(column) for column in batch]
        num = batch.weight.shape[1]
        for epoch in range(order.shape[1]):
            for begin in range(0, num, self._config.minibatch_size):
                chosen = self._load(order[:, epoch, begin : begin + self._config.minibatch_size].astype(np.int64))
                loss = self._loss(weights, _Minibatch(*(_pick(column, chosen) for column in columns))).sum()
                [gradient] = torch.autograd.grad(loss, [weights])
                optimizer.num_steps += 1
                self._step((weights, first, second), gradient, optimizer.num_steps, learning_rate)
        for array, tensor in ((parameters, weights), (optimizer.first, first), (optimizer.second, second)):
            array[:] = _to_numpy(tensor.detach())

    def _loss(self, weights: Tensor, batch: _Minibatch) -> Tensor:
        """Computes the loss of every candidate. Shape: (K,)."""
        weight = batch.weight / batch.weight.sum(1, keepdim=True).clamp(min=1.0)
        advantage = _standardize(batch.advantage, weight)
        head = self._heads(weights, batch.observation)
        log_probability, entropy = self._distribution(weights[:, self._layout.log_std], head, batch.action)
        ratio = torch.exp(log_probability - batch.log_probability)
        clipped = ratio.clamp(1.0 - self._config.clip_range, 1.0 + self._config.clip_range)
        surrogate = torch.minimum(ratio * advantage, clipped * advantage)
        error = (self._values(weights, batch.observation) - batch.returns).square()
        loss = self._config.value_coef * error - surrogate - self._config.entropy_coef * entropy
        return (loss * weight).sum(1)

    def _step(self, state: tuple[Tensor, Tensor, Tensor], gradient: Tensor, count: int, learning_rate: float) -> None:
        """Clips each candidate's gradient and takes one step of Adam."""
        weights, first, second = state
        norm = torch.linalg.vector_norm(gradient, dim=1, keepdim=True)
        gradient = gradient * (self._config.max_grad_norm / (norm + 1e-6)).clamp(max=1.0)
        first.lerp_(gradient, 1.0 - BETA_1)
        second.mul_(BETA_2).addcmul_(gradient, gradient, value=1.0 - BETA_2)
        deviation = second.sqrt().div_(math.sqrt(1.0 - BETA_2**count)).add_(EPSILON)
        with torch.no_grad():
            weights.addcdiv_(first, deviation, value=-learning_rate / (1.0 - BETA_1**count))

    def _heads(self, weights: Tensor, observation: Tensor) -> Tensor:
        return _forward(weights[:, self._layout.actor], self._layout.actor_layers, observation)

    def _values(self, weights: Tensor, observation: Tensor) -> Tensor:
        return _forward(weights[:, self._layout.critic], self._layout.critic_layers, observation).squeeze(-1)

    def _distribution(self, log_std: Tensor, head: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
        """Computes the log-probability of actions and the entropy of their distribution. Shape of each: (K, num)."""
        if self._layout.shape.is_discrete:
            log_probs = torch.log_softmax(head, dim=-1)
            chosen = log_probs.gather(-1, action.unsqueeze(-1)).squeeze(-1)
            return chosen, -(log_probs.exp() * log_probs).sum(-1)
        log_std = log_std.unsqueeze(1)
        deviation = (action - head) * torch.exp(-log_std)
        log_prob = (-0.5 * deviation.square() - log_std - _LOG_SQRT_2PI).sum(-1)
        entropy = (log_std + 0.5 + _LOG_SQRT_2PI).sum(-1).expand_as(log_prob)
        return log_prob, entropy

    def _load(self, array: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)


def _forward(networks: Tensor, layers: Layers, inputs: Tensor) -> Tensor:
    """Runs stacked perceptrons with tanh between the layers. Shape: (K, num, in) -> (K, num, out)."""
    hidden, last = inputs, len(layers.sizes) - 2
    for layer, (weight, bias) in enumerate(layers.cut(networks)):
        hidden = torch.baddbmm(bias, hidden, weight)
        if layer < last:
            hidden = torch.tanh(hidden)
    return hidden


def _standardize(advantage: Tensor, weight: Tensor) -> Tensor:
    centred = advantage - (advantage * weight).sum(1, keepdim=True)
    deviation = (centred.square() * weight).sum(1, keepdim=True).sqrt()
    return centred / (deviation + 1e-8)


def _pick(column: Tensor, chosen: Tensor) -> Tensor:
    """Picks each candidate's own transitions. Shape: (K, num, ...) by (K, minibatch) -> (K, minibatch, ...)."""
    candidates = torch.arange(len(chosen), device=chosen.device).unsqueeze(1)
    return column[candidates, chosen]


def _to_numpy(tensor: Tensor) -> Float:
    array: Float = tensor.cpu().numpy()
    return array
