"""How large a run is where nobody says otherwise."""

from typing import Final

from skillwright.envs import EnvCard

__all__ = ["NUM_CANDIDATES", "NUM_GENERATIONS", "usual_timesteps"]

NUM_CANDIDATES: Final = 16
NUM_GENERATIONS: Final = 3
_BUDGET_FACTOR: Final = 25
"""A run's budget in units of what one candidate with a good reward needs."""


def usual_timesteps(card: EnvCard) -> int:
    """Gives the env steps of a whole run, all candidates together.

    Args:
        card: the world, with its preset.
    """
    return _BUDGET_FACTOR * card.learner.total_timesteps
