"""Hands what happens in a run on to a caller's functions."""

from skillwright.api.options import CallerOptions
from skillwright.rewards.progress import Progress

__all__ = ["Callbacks"]


class Callbacks:
    """Is the observer that a run sees.

    Args:
        options: hold the caller's functions.
    """

    def __init__(self, options: CallerOptions) -> None:
        self._says = options.get("says")
        self._hears = options.get("hears")
        self._progress = options.get("progress")

    def said(self, line: str) -> None:
        """Hands a line on; see ``Observer.said``."""
        if self._says:
            self._says(line)

    def heard(self, piece: str) -> None:
        """Hands a piece of a reply on; see ``Observer.heard``."""
        if self._hears:
            self._hears(piece)

    def progressed(self, progress: Progress) -> None:
        """Hands the newest state on; see ``Observer.progressed``."""
        if self._progress:
            self._progress(progress)
