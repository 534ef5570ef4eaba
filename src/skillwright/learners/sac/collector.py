"""Collects rollouts of a whole population with its exploring actors."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import EnvCard, TransitionBlock, VectorEnv
from skillwright.learners.policy import to_bounds

__all__ = ["Collector", "Rollout"]

Float = NDArray[np.float32]


class Rollout(NamedTuple):
    """``num_steps`` steps of K candidates with M environments each; the first axis is the candidate."""

    observation: Float
    """Also the state after the last step. Shape: (K, num_steps + 1, M, observation_size)."""
    action: Float
    """In [-1, 1] units. Shape: (K, num_steps, M, action_size)."""
    env_action: Float
    """The same within the card's bounds."""
    env_reward: Float
    """Shape: (K, num_steps, M), as all below."""
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    is_reset: NDArray[np.bool_]

    def transitions(self, candidates: int | slice) -> TransitionBlock:
        """Gives the transitions of one candidate or of several.

        Args:
            candidates: which.

        Returns:
            Columns of shape (num_steps, M, ...), for several candidates with an axis for them before.
        """
        return TransitionBlock(
            self.observation[candidates][..., :-1, :, :],
            self.env_action[candidates],
            self.observation[candidates][..., 1:, :, :],
            self.terminated[candidates],
            self.truncated[candidates],
            self.env_reward[candidates],
        )


class Collector:
    """Steps the environments of a population.

    Args:
        card: the world.
        env: K · M copies, candidate-major.
        generators: one random generator per candidate, for its exploration.
    """

    def __init__(self, card: EnvCard, env: VectorEnv, generators: Sequence[np.random.Generator]) -> None:
        self._env = env
        self._generators = generators
        self._action_size = card.actions.size
        self._low, self._high = np.array(card.actions.bounds, np.float32)
        self._shape = (len(generators), env.num_envs // len(generators))
        self._last = env.reset().reshape(*self._shape, -1)

    def collect(self, act: Callable[[Float, Float], Float] | None, num_steps: int) -> Rollout:
        """Collects one rollout.

        Args:
            act: draws actions in [-1, 1] units from what the world shows, shape (K, M, observation_size), and Gaussian
                noise; noise and actions have shape (K, M, action_size). None: actions are uniform.
            num_steps: env steps per environment.

        Returns:
            The rollout; it continues where the last one ended.
        """
        tape = self._make_tape(num_steps)
        draws = self._draw(num_steps, is_uniform=act is None)
        tape.observation[:, 0] = self._last
        for step in range(num_steps):
            tape.action[:, step] = act(tape.observation[:, step], draws[:, step]) if act else draws[:, step]
            action = to_bounds(tape.action[:, step], self._low, self._high)
            batch = self._env.step(action.reshape(self._env.num_envs, -1))
            tape.env_action[:, step] = action
            tape.observation[:, step + 1] = batch.observation.reshape(*self._shape, -1)
            for column, values in zip(tape[3:], batch[1:], strict=True):
                column[:, step] = values.reshape(self._shape)
        self._last = tape.observation[:, num_steps]
        return tape

    def _make_tape(self, num_steps: int) -> Rollout:
        num, num_envs = self._shape
        shape = (num, num_steps, num_envs)
        observation = np.empty((num, num_steps + 1, num_envs, self._last.shape[-1]), np.float32)
        action = np.empty((*shape, self._action_size), np.float32)
        flags = (np.empty(shape, np.bool_) for _ in range(3))
        return Rollout(observation, action, np.empty_like(action), np.empty(shape, np.float32), *flags)

    def _draw(self, num_steps: int, *, is_uniform: bool) -> Float:
        """Draws a rollout's uniform actions or Gaussian noise. Shape: (K, num_steps, M, action_size)."""
        shape = (num_steps, self._shape[1], self._action_size)
        if is_uniform:
            return np.stack([2.0 * one.random(shape, np.float32) - 1.0 for one in self._generators])
        return np.stack([one.standard_normal(shape, np.float32) for one in self._generators])
