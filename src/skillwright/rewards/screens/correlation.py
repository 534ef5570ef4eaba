"""How alike two rewards are on the same transitions."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["likeness"]


def likeness(one: NDArray[np.float32], other: NDArray[np.float32], is_end: NDArray[np.bool_]) -> float:
    """Says how alike two rewards are, within episodes as well as over all: a shared prize at the end hides neither.

    Args:
        one: a reward. Shape: (num_transitions,).
        other: another reward of the same transitions. Shape: (num_transitions,).
        is_end: whether the world ended the episode there. Shape: (num_transitions,).

    Returns:
        The smaller correlation (Pearson) of the two, over all transitions and over those that end nothing; at most 1.
    """
    whole, within = _correlation(one, other), _correlation(one[~is_end], other[~is_end])
    return min([part for part in (whole, within) if part is not None], default=0.0)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float | None:
    """Correlates; 0 where only one of them is the same everywhere, none where both are."""
    flat = [len(values) == 0 or float(np.ptp(values)) == 0.0 for values in (one, other)]
    if any(flat):
        return None if all(flat) else 0.0
    return float(np.corrcoef(one, other)[0, 1])
