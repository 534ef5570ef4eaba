"""A reward that behaves like an earlier one would only repeat its training, however it is written."""

from typing import Final

import numpy as np

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
            if float(np.corrcoef(trial.reward, other)[0, 1]) > _SAME:
                return f"it rewards the same as {candidate_id}"
        return ""
