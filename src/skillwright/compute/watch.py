"""Waits for busy workers: hears which of them sent something, and notices which have been silent for too long."""

import contextlib
import selectors
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skillwright.compute.process import WorkerProcess

__all__ = ["Call", "Watch"]

_LOOK_S: Final = 1.0
"""Seconds after which silence is looked at again."""


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """A task in the hands of a worker."""

    index: int
    """Of the task."""
    worker: WorkerProcess
    patience_s: float
    silent_s: float = 0.0
    """Seconds since the worker sent something."""


class Watch:
    """Keeps an eye on the calls of one run.

    Silence is counted only as long as this process is there to hear: where it was stopped itself, or busy elsewhere,
    its workers are not blamed.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._calls: list[Call] = []
        self._looked = time.monotonic()

    @property
    def calls(self) -> Sequence[Call]:
        """The calls that have not ended."""
        return self._calls

    def begin(self, call: Call) -> None:
        """Takes in a call.

        Args:
            call: its worker has been sent the task.
        """
        self._calls.append(call)
        self._selector.register(call.worker.output, selectors.EVENT_READ, call)
        if call.worker.has_unsent:
            self._selector.register(call.worker.input, selectors.EVENT_WRITE, call)

    def end(self, call: Call) -> None:
        """Lets a call go.

        Args:
            call: one of ``calls``.
        """
        self._calls.remove(call)
        for stream in (call.worker.output, call.worker.input):
            with contextlib.suppress(KeyError):
                self._selector.unregister(stream)

    def wait(self) -> list[Call]:
        """Waits for a moment, or until a worker has sent something.

        Returns:
            The calls whose workers have something to receive.
        """
        patience = min((call.patience_s - call.silent_s for call in self._calls), default=0.0)
        events = self._selector.select(min(max(0.0, patience), _LOOK_S))
        self._count_silence()
        heard: list[Call] = []
        for key, mask in events:
            call: Call = key.data
            if mask & selectors.EVENT_WRITE:
                self._pass_on(call)
            else:
                call.silent_s = 0.0
                heard.append(call)
        return heard

    def hanging(self) -> list[Call]:
        """Gives the calls whose workers have been silent for too long."""
        return [call for call in self._calls if call.silent_s >= call.patience_s]

    def close(self) -> None:
        """Ends the workers of all calls."""
        for call in self._calls:
            call.worker.kill()
        self._calls.clear()
        self._selector.close()

    def _count_silence(self) -> None:
        now = time.monotonic()
        passed = min(now - self._looked, 2 * _LOOK_S)
        self._looked = now
        for call in self._calls:
            call.silent_s += passed

    def _pass_on(self, call: Call) -> None:
        call.worker.flush()
        if not call.worker.has_unsent:
            self._selector.unregister(call.worker.input)
