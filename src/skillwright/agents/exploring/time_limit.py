"""Ends what an observer watches when the time is used up."""

import time

from skillwright.rewards.progress import Observer, Progress

__all__ = ["TimeIsUp", "TimeLimited"]


class TimeIsUp(BaseException):
    """Says that the time is used up; like Ctrl-C, it ends a run so that it can be resumed."""


class TimeLimited:
    """Passes everything on, and raises once a deadline has passed.

    Args:
        observer: who is told.
        deadline: as ``time.monotonic`` counts.
    """

    def __init__(self, observer: Observer, deadline: float) -> None:
        self._observer = observer
        self._deadline = deadline

    def said(self, line: str) -> None:
        """Passes a line on.

        Args:
            line: what happened.
        """
        self._observer.said(line)

    def heard(self, piece: str) -> None:
        """Passes a piece of a reply on.

        Args:
            piece: of a reply.
        """
        self._observer.heard(piece)

    def progressed(self, progress: Progress) -> None:
        """Passes the state on.

        Args:
            progress: where the evolution stands.

        Raises:
            TimeIsUp: the deadline has passed.
        """
        self._observer.progressed(progress)
        if time.monotonic() > self._deadline:
            raise TimeIsUp
