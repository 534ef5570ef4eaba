"""Plays whole episodes with deterministic policies, many policies and seeds in one vector environment."""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from skillwright.envs import Actions, Backend, EnvCard, TransitionBlock, make_vector_env
from skillwright.learners.policy import Policy

__all__ = ["play_episodes"]


def play_episodes(
    card: EnvCard,
    policies: Sequence[Policy],
    seeds: Sequence[int],
    *,
    backend: Backend = "auto",
    stepped: Callable[[], None] = lambda: None,
) -> list[list[TransitionBlock]]:
    """Plays one episode per policy and seed.

    Args:
        card: the world.
        policies: who plays.
        seeds: of the worlds; every policy meets the same ones.
        backend: of the vector environment.
        stepped: called after every step of the vector environment.

    Returns:
        For each policy one whole episode per seed, in the order of the seeds.
    """
    size, num = len(policies), len(seeds)
    env = make_vector_env(card, [*seeds] * size, backend=backend)
    try:
        observations, actions, outcomes = [env.reset()], [], []
        alive = np.ones(size * num, np.bool_)
        while alive.any():
            by_policy = observations[-1].reshape(size, num, -1)
            choices = [policy.act(seen) for policy, seen in zip(policies, by_policy, strict=True)]
            chosen = cast("Actions", np.concatenate(choices))
            batch = env.step(chosen)
            observations.append(batch.observation)
            actions.append(chosen)
            outcomes.append((batch.terminated & alive, batch.truncated & alive, batch.reward))
            alive &= ~(batch.terminated | batch.truncated)
            stepped()
    finally:
        env.close()
    states, taken = np.stack(observations), cast("Actions", np.stack(actions))
    terminated, truncated, reward = (np.stack(column) for column in zip(*outcomes, strict=True))
    lengths = (terminated | truncated).argmax(axis=0) + 1
    episodes = [
        TransitionBlock(
            states[:length, i], taken[:length, i], states[1 : length + 1, i],
            terminated[:length, i], truncated[:length, i], reward[:length, i],
        )
        for i, length in enumerate(lengths)
    ]  # fmt: skip
    return [episodes[begin : begin + num] for begin in range(0, size * num, num)]
