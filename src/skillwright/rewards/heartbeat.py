"""Keeps a worker's parent informed while policies play, which takes long and says nothing of its own."""

import time
from collections.abc import Callable
from typing import Final

__all__ = ["Heartbeat"]

_PERIOD_S: Final = 5.0
"""Seconds between two signs of life; a small part of the patience anyone has."""


class Heartbeat:
    """Gives a sign of life now and then.

    Args:
        give: gives one.
    """

    def __init__(self, give: Callable[[], None]) -> None:
        self._give = give
        self._given_at = -_PERIOD_S

    def beat(self) -> None:
        """Is called with every little piece of work that was done; most calls do nothing."""
        now = time.monotonic()
        if now - self._given_at >= _PERIOD_S:
            self._given_at = now
            self._give()
