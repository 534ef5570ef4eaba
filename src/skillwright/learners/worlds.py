"""Which seeds of worlds are for training, for selecting and for the final judgement; no seed serves two of them."""

from typing import Final

from skillwright.core.seeding import derive_seed

__all__ = ["HELD_OUT_SEED", "PLAY_OFF_SEED", "SELECTION_SEED", "selection_seeds", "training_seed"]

SELECTION_SEED: Final = 1_500_000_000
"""First seed of the worlds in which candidates are compared."""
PLAY_OFF_SEED: Final = 1_600_000_000
"""First seed of the worlds in which the best policies play off."""
HELD_OUT_SEED: Final = 2_000_000_000
"""First seed of the worlds in which a finished skill is judged, once."""


def training_seed(seed: int, env: int) -> int:
    """Gives the world seed of one training environment, below 2**30.

    Args:
        seed: of the candidate.
        env: index of the environment within the candidate.
    """
    return derive_seed(seed, "world", env) >> 1


def selection_seeds(num: int) -> range:
    """Gives the world seeds on which candidates are compared.

    Args:
        num: number of episodes.
    """
    return range(SELECTION_SEED, SELECTION_SEED + num)
