"""Records transitions under random actions: what programs are tried on before anything is trained."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core.seeding import generator
from skillwright.envs import EnvCard, TransitionBlock, make_vector_env
from skillwright.learners.episodes import EpisodeRecorder
from skillwright.learners.worlds import training_seed

__all__ = ["record_random_episodes", "record_random_transitions"]

_NUM_ENVS: Final = 16
_HOLDS: Final = (1, 4, 16, 64)
"""Env steps for which a random action is held, environment by environment; long ones lead further than noise does."""
_MIN_EPISODES: Final = 8
"""Whole episodes that are enough; where there are fewer, the unfinished ones count too."""

Actions = NDArray[np.int64] | NDArray[np.float32]


def record_random_transitions(card: EnvCard, *, seed: int, num_steps: int = 256) -> TransitionBlock:
    """Records transitions under random actions.

    Args:
        card: the world.
        seed: of worlds and actions.
        num_steps: env steps in each of 16 environments.

    Returns:
        The transitions, without reset steps; where episodes are short many of them end one.
    """
    rollout, is_reset = _roll_out(card, seed, num_steps, holds=(1,))
    return rollout.at(~is_reset)


def record_random_episodes(card: EnvCard, *, seed: int, num_steps: int = 512) -> list[TransitionBlock]:
    """Records episodes that differ as much as chance can make them: actions are held for 1, 4, 16 or 64 steps.

    Args:
        card: the world.
        seed: of worlds and actions.
        num_steps: env steps in each of 16 environments.

    Returns:
        Whole episodes in time order; where fewer than eight end in time, the beginnings of others too.
    """
    rollout, is_reset = _roll_out(card, seed, num_steps, holds=_HOLDS)
    whole = [TransitionBlock.join(pieces) for pieces in EpisodeRecorder(_NUM_ENVS).record(rollout, is_reset)]
    if len(whole) >= _MIN_EPISODES:
        return whole
    return whole + [beginning for env in range(_NUM_ENVS) if (beginning := _beginning(rollout, is_reset, env))]


def _beginning(rollout: TransitionBlock, is_reset: NDArray[np.bool_], env: int) -> TransitionBlock | None:
    """Gives the first episode of an environment if it did not end."""
    if (rollout.terminated | rollout.truncated)[:, env].any():
        return None
    return rollout.at((slice(0, None), env)) if not is_reset[:, env].any() else None


def _roll_out(
    card: EnvCard, seed: int, num_steps: int, holds: Sequence[int]
) -> tuple[TransitionBlock, NDArray[np.bool_]]:
    """Steps 16 environments; columns of shape (num_steps, 16, ...)."""
    random = generator(seed, "random actions")
    held = np.array([holds[env % len(holds)] for env in range(_NUM_ENVS)])
    env = make_vector_env(card, [training_seed(seed, number) for number in range(_NUM_ENVS)])
    rows: list[tuple[NDArray[np.generic], ...]] = []
    try:
        observation, action = env.reset(), _random_actions(card, random)
        for step in range(num_steps):
            fresh, is_due = _random_actions(card, random), step % held == 0
            action = np.where(is_due if fresh.ndim == 1 else is_due[:, None], fresh, action)
            batch = env.step(action)
            rows.append(
                (
                    observation,
                    action,
                    batch.observation,
                    batch.terminated,
                    batch.truncated,
                    batch.reward,
                    batch.is_reset,
                )
            )
            observation = batch.observation
    finally:
        env.close()
    *columns, is_reset = (np.stack(column) for column in zip(*rows, strict=True))
    return TransitionBlock(*columns), is_reset


def _random_actions(card: EnvCard, random: np.random.Generator) -> Actions:
    if card.actions.kind == "discrete":
        return random.integers(card.actions.size, size=_NUM_ENVS)
    low, high = card.actions.bounds
    return random.uniform(low, high, (_NUM_ENVS, card.actions.size)).astype(np.float32)
