"""The contract of every executor: named functions from text to text, run side by side."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Executor", "Function", "Report", "Task"]

Report = Callable[[str], None]
"""Called inside a worker with one line of JSON while it works."""

Function = Callable[[str, Report], str]
"""What a worker runs: ``function(request, report) -> result``, all of it JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One call of a function in a worker."""

    function: str
    """``module:name`` of a ``Function``."""
    request: str
    """Its argument: JSON text."""


class Executor(Protocol):
    """Runs tasks in workers."""

    @property
    def num_workers(self) -> int:
        """Tasks that run at the same time."""
        ...

    def run(self, tasks: Sequence[Task], report: Callable[[int, str], None]) -> Iterator[tuple[int, str]]:
        """Runs tasks side by side.

        Args:
            tasks: what to run.
            report: called with the index of a task and what it reported.

        Yields:
            Index and result of each task, as they end.

        Raises:
            UserError: a task raised one; it is raised again here with its text.
            WorkerDied: a task raised anything else, or its process ended.
        """
        ...

    def close(self) -> None:
        """Ends all workers at once."""
