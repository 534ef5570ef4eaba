"""A reward that is the same for every transition teaches nothing."""

from typing import Final

from skillwright.rewards.screens.screen import Ground, Trial

__all__ = ["Constant"]

_LEAST_SPREAD: Final = 1e-9


class Constant:
    """Compares the rewards of all transitions."""

    cost = 0

    def problem(self, trial: Trial, ground: Ground) -> str:
        """Looks for the reason; see ``Screen.problem``."""
        is_constant = float(trial.reward.std()) < _LEAST_SPREAD
        return "the reward is the same for every transition" if is_constant else ""
