"""Collects rollouts of a whole population: only the actors run, everything else is computed on the block."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Actions, EnvCard, TransitionBlock, VectorEnv
from skillwright.learners.policy import normalize
from skillwright.learners.ppo.engine import Acts, Engine, Sight

__all__ = ["Collector", "Rollout", "Statistics"]

Float = NDArray[np.float32]


class Statistics(NamedTuple):
    """How each candidate's observations are normalised. Shape of each: (K, observation_size)."""

    mean: Float
    scale: Float
    """1 / deviation."""


class Rollout(NamedTuple):
    """``num_steps`` steps of K candidates with M environments each; the first axis is the candidate."""

    observation: Float
    """Also the state after the last step. Shape: (K, num_steps + 1, M, observation_size)."""
    normalized: Float
    """The same as the networks see it."""
    head: Float
    """Outputs of the actors. Shape: (K, num_steps, M, action_size)."""
    action: Actions
    """As sampled: choices, shape (K, num_steps, M), or unclipped values in [-1, 1] units, (..., action_size)."""
    env_action: Actions
    """As the environment received it: choices, or values within the card's bounds."""
    env_reward: Float
    """Shape: (K, num_steps, M), as all below."""
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    is_reset: NDArray[np.bool_]

    def acts(self, step: int) -> Acts:
        """Gives the places of what the actors do in one step.

        Args:
            step: its index.
        """
        return Acts(self.normalized[:, step], self.head[:, step], self.action[:, step], self.env_action[:, step])

    def transitions(self, candidate: int) -> TransitionBlock:
        """Gives one candidate's transitions with columns of shape (num_steps, M, ...).

        Args:
            candidate: its index.
        """
        return TransitionBlock(
            self.observation[candidate, :-1],
            self.env_action[candidate],
            self.observation[candidate, 1:],
            self.terminated[candidate],
            self.truncated[candidate],
            self.env_reward[candidate],
        )


class Collector:
    """Steps the environments of a population with its exploring policies.

    Args:
        card: the world.
        env: K · M copies, candidate-major.
        engine: runs the actors.
        generators: one random generator per candidate, for its exploration.
    """

    def __init__(
        self, card: EnvCard, env: VectorEnv, engine: Engine, generators: Sequence[np.random.Generator]
    ) -> None:
        self._env = env
        self._engine = engine
        self._generators = generators
        self._is_discrete = card.actions.kind == "discrete"
        self._action_size = card.actions.size
        self._bounds = np.array(card.actions.bounds, np.float32)
        self._shape = (len(generators), env.num_envs // len(generators))
        self._last = env.reset().reshape(*self._shape, -1)

    def collect(self, parameters: Float, deviation: Float, num_steps: int, statistics: Statistics) -> Rollout:
        """Collects one rollout.

        Args:
            parameters: of all candidates.
            deviation: of the exploration, if continuous. Shape: (K, action_size).
            num_steps: env steps per environment.
            statistics: of the observations.

        Returns:
            The rollout; it continues where the last one ended.
        """
        tape = self._make_tape(num_steps)
        noise = self._draw_noise(num_steps, deviation)
        tape.observation[:, 0] = self._last
        for step in range(num_steps):
            sight = Sight(tape.observation[:, step], *statistics, noise[:, step], self._bounds)
            acts = tape.acts(step)
            self._engine.act(parameters, sight, acts)
            batch = self._env.step(acts.env_action.reshape(self._env.num_envs, *acts.env_action.shape[2:]))
            tape.observation[:, step + 1] = batch.observation.reshape(*self._shape, -1)
            for column, values in zip(tape[5:], batch[1:], strict=True):
                column[:, step] = values.reshape(self._shape)
        self._last = tape.observation[:, num_steps]
        tape.normalized[:, num_steps] = normalize(self._last, statistics.mean[:, None], statistics.scale[:, None])
        return tape

    def _make_tape(self, num_steps: int) -> Rollout:
        k, m = self._shape
        shape = (k, num_steps, m)
        observation = np.empty((k, num_steps + 1, m, self._last.shape[-1]), np.float32)
        head = np.empty((*shape, self._action_size), np.float32)
        action = np.empty(shape, np.int64) if self._is_discrete else np.empty_like(head)
        env_action = action if self._is_discrete else np.empty_like(head)
        flags = (np.empty(shape, np.bool_) for _ in range(3))
        return Rollout(
            observation, np.empty_like(observation), head, action, env_action, np.empty(shape, np.float32), *flags
        )

    def _draw_noise(self, num_steps: int, deviation: Float) -> Float:
        """Draws the exploration of a rollout: Gumbel noise for choices, Gaussian noise for values."""
        shape = (num_steps, self._shape[1], self._action_size)
        if self._is_discrete:
            draws = [generator.standard_exponential(shape, dtype=np.float32) for generator in self._generators]
            gumbel: Float = -np.log(np.stack(draws) + np.finfo(np.float32).tiny)
            return gumbel
        draws = [generator.standard_normal(shape, dtype=np.float32) for generator in self._generators]
        gaussian: Float = np.stack(draws) * deviation[:, None, None]
        return gaussian
