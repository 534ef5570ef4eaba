"""Screens: cheap reasons not to train a reward program, each in a file of its own; ``SCREENS`` names them."""

from typing import Final

from skillwright.core.registry import Registry
from skillwright.rewards.screens.screen import Ground, Screen, Trial

__all__ = ["SCREENS", "Ground", "Screen", "Trial"]

SCREENS: Final[Registry[type[Screen]]] = Registry(
    "screen",
    "skillwright.screens",
    {
        "agreement": "skillwright.rewards.screens.agreement:Agreement",
        "constant": "skillwright.rewards.screens.constant:Constant",
        "duplicate": "skillwright.rewards.screens.duplicate:Duplicate",
        "ordering": "skillwright.rewards.screens.ordering:Ordering",
    },
)
"""A new one is one file with a class, and one line here or an entry point."""
