"""The arithmetic of soft actor-critic for K candidates at once, its gradients worked out by hand.

Soft actor-critic with automatic temperature after Haarnoja et al. 2018 (arXiv:1812.05905, algorithm 1). Per candidate
and minibatch of B transitions, with ε ~ N(0, 1), u = μ(s) + σ(s)·ε, a = tanh(u):

    log π(a|s) = Σⱼ [log N(uⱼ; μⱼ, σⱼ) − log(1 − tanh²(uⱼ))]                                     (appendix C)
    y          = r + γ (1 − terminated) [minᵢ Q̄ᵢ(s′, a′) − α log π(a′|s′)],  a′ ~ π(·|s′)         (eq. 2, 3, 5)
    J_Q        = Σᵢ mean[½ (Qᵢ(s, a) − y)²]                                                       (eq. 5)
    J_π        = mean[α log π(aπ|s) − minᵢ Qᵢ(s, aπ)],  aπ ~ π(·|s)                               (eq. 9)
    J_α        = −log α · mean[log π(aπ|s) + H̄],  H̄ = −|A|                                       (eq. 18)
    θ̄ᵢ        ← τ θᵢ + (1 − τ) θ̄ᵢ

Deviations: J_α is linear in log α instead of α, and log σ is clipped to [−20, 2], both as in the authors' code; the
actor's gradient uses the critics after their step, and all three use the log-probabilities of one pass of the actor.
"""

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor

from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.layout import NUM_CRITICS, Layout
from skillwright.learners.sac.networks import Networks
from skillwright.learners.sac.perceptron import Perceptrons, Tape, backward, forward

__all__ = ["Batch", "Engine"]

_LOG_STD_BOUNDS: Final = (-20.0, 2.0)
_LOG_SQRT_2PI: Final = 0.5 * math.log(2.0 * math.pi)
_LOG_2: Final = math.log(2.0)


class Batch(NamedTuple):
    """What one gradient step learns from; the first axis is the candidate, the second the transition."""

    states: Tensor
    """Normalised states before, then normalised states after. Shape: (K, 2 · B, observation_size)."""
    action: Tensor
    """In [-1, 1] units. Shape: (K, B, action_size)."""
    reward: Tensor
    """Shape: (K, B)."""
    continues: Tensor
    """0 where the world ended the episode, else 1; a time-out is not an end. Shape: (K, B)."""
    noise: Tensor
    """ε of the actions in both states. Shape: (K, 2 · B, action_size)."""


class _Draw(NamedTuple):
    """Actions drawn from the actors; rows as in ``Batch.states``."""

    action: Tensor
    """Shape: (K, 2 · B, action_size)."""
    log_probability: Tensor
    """Shape: (K, 2 · B)."""
    spread: Tensor
    """σ·ε, the derivative of u by log σ; 0 where log σ was clipped. Shape: (K, 2 · B, action_size)."""
    is_inside: Tensor
    """Whether log σ was not clipped. Same shape."""


class Engine:
    """Computes with the networks of a population, and changes them in place.

    Args:
        config: what all candidates share.
        layout: of their networks.
        networks: theirs.
    """

    def __init__(self, config: SACConfig, layout: Layout, networks: Networks) -> None:
        self._config = config
        self._networks = networks
        actor, critics = networks.actor.parameters, networks.critics.parameters
        self._action_size, num, rows = layout.shape.action_size, len(actor), config.batch_size
        self._actor_gradient, self._critic_gradient = torch.zeros_like(actor), torch.zeros_like(critics)
        self._actor, self._of_actor = (
            Perceptrons(vector[:, :-1], layout.actor_layers) for vector in (actor, self._actor_gradient)
        )
        self._critics, self._targets, self._of_critics = (
            Perceptrons(vectors.flatten(0, 1), layout.critic_layers)
            for vectors in (critics, networks.targets, self._critic_gradient)
        )
        self._actor_tape = Tape.create(num, 2 * rows, layout.actor_layers.sizes, actor.device)
        self._critic_tape = Tape.create(NUM_CRITICS * num, rows, layout.critic_layers.sizes, actor.device)
        self._acting_tape = Tape.create(num, config.num_envs, layout.actor_layers.sizes, actor.device)

    def act(self, observation: Tensor, noise: Tensor) -> Tensor:
        """Draws actions of the exploring actors.

        Args:
            observation: normalised. Shape: (K, num_envs, observation_size).
            noise: ε; 0 gives the deterministic action. Shape: (K, num_envs, action_size).

        Returns:
            In [-1, 1] units. Shape: (K, num_envs, action_size).
        """
        self._acting_tape.values[0].copy_(observation)
        return self._draw(forward(self._actor, self._acting_tape), noise).action

    def update(self, batch: Batch, is_free: Tensor) -> None:
        """Takes one gradient step of critics, actors and temperatures, and lets the targets follow.

        Args:
            batch: each candidate's minibatch, of ``batch_size`` transitions.
            is_free: 0 where only the critics shall learn, else 1. Shape: (K, 1).
        """
        networks, learning_rate = self._networks, self._config.learning_rate
        networks.num_updates += 1
        self._actor_tape.values[0].copy_(batch.states)
        draw = self._draw(forward(self._actor, self._actor_tape), batch.noise)
        self._differentiate_critics(batch, self._aim(batch, draw))
        networks.critics.step(self._critic_gradient, learning_rate, networks.num_updates)
        self._differentiate_actors(batch, draw)
        self._actor_gradient.mul_(is_free)
        networks.actor.step(self._actor_gradient, learning_rate, networks.num_updates)
        networks.targets.lerp_(networks.critics.parameters, self._config.tau)

    @property
    def _temperature(self) -> Tensor:
        """α. Shape: (K, 1)."""
        return self._networks.actor.parameters[:, -1:].exp()

    def _draw(self, head: Tensor, noise: Tensor) -> _Draw:
        mean, log_std = head[..., : self._action_size], head[..., self._action_size :]
        clipped = log_std.clamp(*_LOG_STD_BOUNDS)
        is_inside = log_std == clipped
        spread = clipped.exp() * noise
        raw = mean + spread
        # log(1 − tanh²(u)) = 2 (log 2 − u − softplus(−2u)) stays exact where tanh(u) rounds to ±1.
        squash = (raw + torch.nn.functional.softplus(-2.0 * raw) - _LOG_2).mul_(2.0)
        log_probability = (squash - clipped - 0.5 * noise.square() - _LOG_SQRT_2PI).sum(-1)
        return _Draw(raw.tanh(), log_probability, spread * is_inside, is_inside)

    def _judge(self, critics: Perceptrons, state: Tensor, action: Tensor) -> Tensor:
        """Computes the values that both critics give. Shape: (K, NUM_CRITICS, B)."""
        num, rows, size = state.shape
        inputs = self._critic_tape.values[0].view(num, NUM_CRITICS, rows, -1)
        inputs[..., :size] = state.unsqueeze(1)
        inputs[..., size:] = action.unsqueeze(1)
        return forward(critics, self._critic_tape).view(num, NUM_CRITICS, rows)

    def _aim(self, batch: Batch, draw: _Draw) -> Tensor:
        """Computes what the critics should say: y. Shape: (K, B)."""
        rows = self._config.batch_size
        after, action = batch.states[:, rows:], draw.action[:, rows:]
        value = self._judge(self._targets, after, action).amin(1)
        value = value - self._temperature * draw.log_probability[:, rows:]
        return batch.reward + self._config.gamma * batch.continues * value

    def _differentiate_critics(self, batch: Batch, target: Tensor) -> None:
        """Writes the gradient of J_Q."""
        rows = self._config.batch_size
        value = self._judge(self._critics, batch.states[:, :rows], batch.action)
        error = (value - target.unsqueeze(1)).div_(rows)
        self._critic_tape.errors[-1].copy_(error.view(-1, rows, 1))
        backward(self._critics, self._critic_tape, self._of_critics)

    def _differentiate_actors(self, batch: Batch, draw: _Draw) -> None:
        """Writes the gradient of J_π, and of J_α behind it.

        With g = ∂(−minᵢ Qᵢ)/∂a: ∂J_π/∂u = g (1 − a²) + 2 α a, since ∂(−log(1 − tanh²(u)))/∂u = 2 tanh(u);
        ∂J_π/∂μ = ∂J_π/∂u; ∂J_π/∂log σ = ∂J_π/∂u · σε − α.
        """
        rows, size = self._config.batch_size, batch.states.shape[-1]
        action, spread, is_inside = draw.action[:, :rows], draw.spread[:, :rows], draw.is_inside[:, :rows]
        first, second = self._judge(self._critics, batch.states[:, :rows], action).unbind(1)
        chosen = torch.stack([first <= second, first > second], 1)
        torch.div(chosen.view(-1, rows, 1), -rows, out=self._critic_tape.errors[-1])
        pull = backward(self._critics, self._critic_tape, None).view(len(action), NUM_CRITICS, rows, -1)
        share = self._temperature.unsqueeze(-1) / rows
        error = pull[..., size:].sum(1) * (1.0 - action.square()) + 2.0 * share * action
        tape = self._actor_tape.first(rows)
        tape.errors[-1][..., : self._action_size] = error
        tape.errors[-1][..., self._action_size :] = error * spread - share * is_inside
        backward(self._actor, tape, self._of_actor)
        surplus = draw.log_probability[:, :rows].mean(1) - self._action_size
        torch.neg(surplus, out=self._actor_gradient[:, -1])
