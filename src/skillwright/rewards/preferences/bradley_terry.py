"""The model of Bradley and Terry: of two clips, the one with the higher return is probably preferred.

After Bradley and Terry 1952 (Biometrika 39, 324), as Christiano et al. 2017 (arXiv:1706.03741, eq. 1) use it for clips
σ of transitions with predicted rewards r̂:

    P̂[a ≻ b] = exp Σ r̂(aₜ) / (exp Σ r̂(aₜ) + exp Σ r̂(bₜ)) = logistic(R(a) − R(b)),    R(σ) = Σ r̂(σₜ)

Whoever chooses errs with some probability ε whatever the clips are, and then chooses either alike (ibid., 2.2.3):

    P[a ≻ b] = (1 − ε) P̂[a ≻ b] + ε/2

The loss is the cross-entropy of P with what was chosen: 1 for a, 0 for b, ½ where the clips were called equal.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ERROR_RATE", "clip_returns", "cross_entropy", "preference"]

Float64 = NDArray[np.float64]

ERROR_RATE: Final = 0.1
"""ε, as Christiano et al. set it."""


def clip_returns(rewards: NDArray[np.floating], lengths: NDArray[np.integer]) -> Float64:
    """Sums rewards over clips.

    Args:
        rewards: of all transitions, clip after clip. Shape: (..., num_transitions).
        lengths: transitions of each clip, at least 1. Shape: (num_clips,).

    Returns:
        R(σ). Shape: (..., num_clips).
    """
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    sums: Float64 = np.add.reduceat(np.asarray(rewards, np.float64), starts, axis=-1)
    return sums


def preference(return_a: Float64, return_b: Float64, *, error_rate: float = 0.0) -> Float64:
    """Computes how probably clip a is preferred.

    Args:
        return_a: R(a). Shape: any.
        return_b: R(b). Same shape.
        error_rate: ε, in [0, 1).

    Returns:
        P[a ≻ b]. Same shape.
    """
    certain = np.exp(-np.logaddexp(0.0, return_b - return_a))
    probability: Float64 = (1.0 - error_rate) * certain + 0.5 * error_rate
    return probability


def cross_entropy(return_a: Float64, return_b: Float64, target: Float64, *, error_rate: float = 0.0) -> Float64:
    """Computes the loss of each pair.

    Args:
        return_a: R(a). Shape: (..., num_pairs).
        return_b: R(b). Same shape.
        target: 1 where a was preferred, 0 where b was, ½ where neither. Shape: (num_pairs,).
        error_rate: ε, in [0, 1).

    Returns:
        Shape: (..., num_pairs).
    """
    if error_rate == 0.0:
        difference = return_a - return_b
        exact: Float64 = target * np.logaddexp(0.0, -difference) + (1.0 - target) * np.logaddexp(0.0, difference)
        return exact
    chosen_a = preference(return_a, return_b, error_rate=error_rate)
    loss: Float64 = -target * np.log(chosen_a) - (1.0 - target) * np.log1p(-chosen_a)
    return loss
