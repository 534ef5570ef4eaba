"""Collects rollouts of a whole population: only the actors run, everything else is computed on the block."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Actions, EnvCard, TransitionBlock, VectorEnv
from skillwright.learners.networks import ActorCritic
from skillwright.learners.policy import normalize, to_bounds

__all__ = ["Collector", "Rollout"]

Float = NDArray[np.float32]


class Rollout(NamedTuple):
    """``num_steps`` steps of K candidates with M environments each."""

    observation: Float
    """Also the state after the last step. Shape: (num_steps + 1, K, M, observation_size)."""
    normalized: Float
    """The same as the networks see it."""
    head: Float
    """Outputs of the actors. Shape: (num_steps, K, M, action_size)."""
    action: Actions
    """As sampled: choices, shape (num_steps, K, M), or unclipped values in [-1, 1] units, (..., action_size)."""
    env_action: Actions
    """As the environment received it: choices, or values within the card's bounds."""
    env_reward: Float
    """Shape: (num_steps, K, M), as all below."""
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    is_reset: NDArray[np.bool_]

    def transitions(self, candidate: int) -> TransitionBlock:
        """Gives one candidate's transitions with columns of shape (num_steps, M, ...).

        Args:
            candidate: its index.
        """
        return TransitionBlock(
            self.observation[:-1, candidate],
            self.env_action[:, candidate],
            self.observation[1:, candidate],
            self.terminated[:, candidate],
            self.truncated[:, candidate],
            self.env_reward[:, candidate],
        )


class Collector:
    """Steps the environments of a population with its exploring policies.

    Args:
        card: the world.
        env: K · M copies, candidate-major.
        generators: one random generator per candidate, for its exploration.
    """

    def __init__(self, card: EnvCard, env: VectorEnv, generators: Sequence[np.random.Generator]) -> None:
        self._env = env
        self._generators = generators
        self._is_discrete = card.actions.kind == "discrete"
        self._action_size = card.actions.size
        self._low, self._high = np.array(card.actions.bounds, np.float32)
        self._shape = (len(generators), env.num_envs // len(generators))
        self._last = env.reset().reshape(*self._shape, -1)

    def collect(self, networks: ActorCritic, num_steps: int, *, mean: Float, scale: Float) -> Rollout:
        """Collects one rollout.

        Args:
            networks: the population.
            num_steps: env steps per environment.
            mean: of the observation, per candidate. Shape: (K, observation_size).
            scale: 1 / deviation of the observation, per candidate. Shape: (K, observation_size).

        Returns:
            The rollout; it continues where the last one ended.
        """
        k, m = self._shape
        observation = np.empty((num_steps + 1, k, m, self._last.shape[-1]), np.float32)
        normalized = np.empty_like(observation)
        head = np.empty((num_steps, k, m, self._action_size), np.float32)
        action = np.empty((num_steps, k, m), np.int64) if self._is_discrete else np.empty_like(head)
        env_action = action if self._is_discrete else np.empty_like(head)
        reward = np.empty((num_steps, k, m), np.float32)
        flags = np.empty((3, num_steps, k, m), np.bool_)
        noise = self._draw_noise(num_steps, networks)
        layers = [
            (w.detach().numpy(), b.detach().numpy())
            for w, b in zip(networks.actor.weights, networks.actor.biases, strict=True)
        ]
        observation[0] = self._last
        for step in range(num_steps):
            normalized[step] = normalize(observation[step], mean[:, None], scale[:, None])
            head[step] = _forward(normalized[step], layers)
            action[step] = self._sample(head[step], noise[step])
            if not self._is_discrete:
                env_action[step] = to_bounds(action[step], self._low, self._high)
            batch = self._env.step(env_action[step].reshape(k * m, *env_action.shape[3:]))
            observation[step + 1] = batch.observation.reshape(k, m, -1)
            reward[step] = batch.reward.reshape(k, m)
            flags[:, step] = np.stack([batch.terminated, batch.truncated, batch.is_reset]).reshape(3, k, m)
        normalized[num_steps] = normalize(observation[num_steps], mean[:, None], scale[:, None])
        self._last = observation[num_steps]
        return Rollout(observation, normalized, head, action, env_action, reward, *flags)

    def _draw_noise(self, num_steps: int, networks: ActorCritic) -> Float:
        """Draws the exploration of a rollout: Gumbel noise for choices, Gaussian noise for values."""
        noise: Float
        shape = (num_steps, self._shape[1], self._action_size)
        if self._is_discrete:
            draws = [generator.gumbel(size=shape).astype(np.float32) for generator in self._generators]
            noise = np.stack(draws, axis=1)
            return noise
        draws = [generator.standard_normal(shape, dtype=np.float32) for generator in self._generators]
        noise = np.stack(draws, axis=1) * np.exp(networks.log_std.detach().numpy())
        return noise

    def _sample(self, head: Float, noise: Float) -> Actions:
        """Samples actions; the arg-max of logits plus Gumbel noise is a draw from their softmax."""
        return (head + noise).argmax(axis=-1) if self._is_discrete else head + noise


def _forward(inputs: Float, layers: Sequence[tuple[Float, Float]]) -> Float:
    hidden = inputs
    for index, (weight, bias) in enumerate(layers):
        hidden = np.matmul(hidden, weight)
        hidden += bias
        if index < len(layers) - 1:
            np.tanh(hidden, out=hidden)
    return hidden
