"""The contract of every executor: named functions from text to text, run side by side; a worker may be lost."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

__all__ = ["PATIENCE_S", "Executor", "Function", "Loss", "Outcome", "Report", "Result", "Task"]

Report = Callable[[str], None]
"""Called inside a worker with one line of JSON while it works; each call is a sign of life."""

Function = Callable[[str, Report], str]
"""What a worker runs: ``function(request, report) -> result``, all of it JSON text."""

PATIENCE_S: Final = 300.0
"""Seconds of silence that every honest function stays well below, even while it compiles its kernels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One call of a function in a worker."""

    function: str
    """``module:name`` of a ``Function``."""
    request: str
    """Its argument: JSON text."""
    patience_s: float = PATIENCE_S
    """Seconds without a report after which its worker counts as hanging, and is ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a task returned."""

    text: str
    """JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A task whose worker was lost before it returned."""

    reason: str
    """How, in words."""


Outcome = Result | Loss
"""How a task ended."""


class Executor(Protocol):
    """Runs tasks in workers."""

    @property
    def num_workers(self) -> int:
        """Tasks that run at the same time."""
        ...

    def run(self, tasks: Sequence[Task], report: Callable[[int, str], None]) -> Iterator[tuple[int, Outcome]]:
        """Runs tasks side by side; a lost worker is replaced, and disturbs no task but its own.

        Args:
            tasks: what to run. Whoever takes the outcomes may append further ones meanwhile; they are run too.
            report: called with the index of a task and what it reported.

        Yields:
            Index and outcome of each task, as they end. A task is lost if its process ended, was silent for longer
            than the task allows or sent what is no message, or if the function raised anything but a ``UserError``.

        Raises:
            UserError: a task raised one; it is raised again here with its text, and all other tasks are ended.
        """
        ...

    def close(self) -> None:
        """Ends all workers at once."""
