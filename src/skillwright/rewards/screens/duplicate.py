"""A reward that behaves like an earlier one would only repeat its training, however it is written."""

from typing import Final

from skillwright.rewards.screens.correlation import likeness
from skillwright.rewards.screens.screen import Ground, Trial

__all__ = ["Duplicate"]

_SAME: Final = 0.9995
"""Correlation of two rewards from which on they count as the same."""


class Duplicate:
    """Compares with every accepted reward on the recorded transitions."""

    cost = 1

    def problem(self, trial: Trial, ground: Ground) -> str:
        """Looks for the reason; see ``Screen.problem``."""
        for candidate_id, other in ground.accepted.items():
            if likeness(trial.reward, other, ground.transitions.terminated) > _SAME:
                return (
                    f"it rewards the same as {candidate_id} on recorded transitions, up to scale and offset, so that "
                    "training with it would only repeat that; pay for something else, or in other proportions"
                )
        return ""
