"""The fast engine for a CPU: compiled kernels over the same flat parameters as the torch reference."""

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Actions
from skillwright.learners.ppo import kernels
from skillwright.learners.ppo.acting import choose, normalize_all, steer
from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.engine import Acts, Batch, Optimizer, Sight
from skillwright.learners.ppo.layout import Layout

__all__ = ["FusedEngine"]

Float = NDArray[np.float32]


class FusedEngine:
    """Runs the kernels of ``kernels``, candidate by candidate; a candidate's numbers depend on no other candidate.

    Args:
        config: what all candidates share.
        layout: of their networks.
    """

    def __init__(self, config: PPOConfig, layout: Layout) -> None:
        self._config = config
        self._layout = layout
        self._networks = kernels.Networks(
            kernels.Network(layout.actor.start, layout.actor.stop, np.array(layout.actor_layers.sizes)),
            kernels.Network(layout.critic.start, layout.critic.stop, np.array(layout.critic_layers.sizes)),
            layout.shape.is_discrete,
        )
        self._scratch = kernels.make_scratch(self._networks, layout.size)

    def act(self, parameters: Float, sight: Sight, acts: Acts) -> None:
        """Runs the actors, and draws their actions; see ``Engine.act``."""
        normalized, head = np.empty_like(sight.observation), np.empty_like(sight.noise)
        normalize_all(sight.observation, sight.mean, sight.scale, normalized)
        kernels.forward_all(parameters, self._networks.actor, normalized, self._scratch, head)
        acts.normalized[:], acts.head[:] = normalized, head
        if self._layout.shape.is_discrete:
            choose(head, sight.noise, acts.action)
            acts.env_action[:] = acts.action
        else:
            steer(head, sight.noise, sight.bounds, acts.action, acts.env_action)

    def values(self, parameters: Float, observation: Float) -> Float:
        """Runs the critics; see ``Engine.values``."""
        out = np.empty((*observation.shape[:2], 1), np.float32)
        kernels.forward_all(parameters, self._networks.critic, observation, self._scratch, out)
        return out[..., 0]

    def log_probabilities(self, parameters: Float, head: Float, action: Actions) -> Float:
        """Computes the log-probability of actions; see ``Engine.log_probabilities``."""
        out = np.empty(head.shape[:2], np.float32)
        nothing = np.empty((0, 0), np.float32)
        data = kernels.Data(np.empty((0, 0, 0), np.float32), *self._split(action), nothing, nothing, nothing, nothing)
        kernels.log_probabilities(parameters, self._networks, head, data, out)
        return out

    def improve(
        self, parameters: Float, optimizer: Optimizer, batch: Batch, order: NDArray[np.int32], learning_rate: float
    ) -> None:
        """Takes all gradient steps of one rollout; see ``Engine.improve``."""
        config = self._config
        factors = (learning_rate, config.clip_range, config.entropy_coef, config.value_coef, config.max_grad_norm)
        step = kernels.Step(config.minibatch_size, *(np.float32(factor) for factor in factors))
        state = kernels.State(parameters, optimizer.first, optimizer.second)
        data = kernels.Data(batch.observation, *self._split(batch.action), *batch[2:])
        kernels.improve(state, optimizer.num_steps, order, kernels.Job(self._networks, data, step, self._scratch))
        optimizer.num_steps += order.shape[1] * -(-order.shape[2] // config.minibatch_size)

    def _split(self, action: Actions) -> tuple[NDArray[np.int64], Float]:
        """Gives actions the two types that the kernels tell apart; the other one is empty."""
        if self._layout.shape.is_discrete:
            return np.asarray(action, np.int64), np.empty((len(action), 0, 0), np.float32)
        return np.empty((len(action), 0), np.int64), np.asarray(action, np.float32)
