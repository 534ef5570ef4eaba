"""Generalised advantage estimation over the rollouts of K candidates with M environments each."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Advantages", "Discount", "generalized_advantages"]

Float = NDArray[np.float32]


class Advantages(NamedTuple):
    """What the policy and the critic learn from."""

    advantage: Float
    """Shape: (K, num_steps, M)."""
    returns: Float
    """Target of the critic: advantage + value. Shape: (K, num_steps, M)."""


class Discount(NamedTuple):
    """The two horizons of the estimate."""

    gamma: float
    """Discount per env step."""
    gae_lambda: float
    """Weight of longer returns: 0 = one-step temporal difference, 1 = Monte Carlo."""


def generalized_advantages(
    reward: Float,
    value: Float,
    *,
    terminated: NDArray[np.bool_],
    ended: NDArray[np.bool_],
    discount: Discount,
) -> Advantages:
    """Computes GAE (Schulman et al. 2016, arXiv:1506.02438, equations 11 and 16).

    δₜ = rₜ + γ (1 − terminatedₜ) V(sₜ₊₁) − V(sₜ),  Aₜ = δₜ + γλ (1 − endedₜ) Aₜ₊₁.
    An episode cut by the time limit bootstraps from the value of its true final state, one that terminated does not.

    Args:
        reward: Shape: (K, num_steps, M).
        value: of every state and of the state after the last step. Shape: (K, num_steps + 1, M).
        terminated: whether the world ended the episode at this step. Shape: (K, num_steps, M).
        ended: whether the episode ended at this step for any reason. Shape: (K, num_steps, M).
        discount: γ and λ.

    Returns:
        Advantages and returns; those of a reset step are meaningless and must be masked by the caller.
    """
    continues = np.where(terminated, 0.0, discount.gamma).astype(np.float32)
    carries = np.where(ended, 0.0, discount.gamma * discount.gae_lambda).astype(np.float32)
    delta = reward + continues * value[:, 1:] - value[:, :-1]
    advantage = np.empty_like(delta)
    following = np.zeros_like(delta[:, 0])
    for step in range(delta.shape[1] - 1, -1, -1):
        following = delta[:, step] + carries[:, step] * following
        advantage[:, step] = following
    return Advantages(advantage.astype(np.float32), (advantage + value[:, :-1]).astype(np.float32))
