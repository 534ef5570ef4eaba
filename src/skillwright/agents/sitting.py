"""One sitting of a run: how it ends is marked, and its time is booked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from skillwright.core import SkillwrightError
from skillwright.core.journal import Journal, Run, RunStatus
from skillwright.core.tracing import trace

__all__ = ["Clock", "sitting"]


class Clock:
    """Counts the seconds a run has worked, and books them with every step, so that a killed sitting counts too."""

    def __init__(self, journal: Journal, run: Run) -> None:
        self._journal = journal
        self._run_id = run.id
        self._booked_here = 0.0
        self._began = time.monotonic()

    def book(self) -> None:
        """Books what has not been booked."""
        worked = time.monotonic() - self._began
        self._journal.add_work(self._run_id, worked - self._booked_here)
        self._booked_here = worked


@contextmanager
def sitting(journal: Journal, run: Run) -> Iterator[Clock]:
    """Marks how a sitting of a run ends, and books its time.

    Args:
        journal: has the run.
        run: the run, which this process has locked.
    """
    clock = Clock(journal, run)
    journal.set_status(run.id, "running")
    status: RunStatus = "interrupted"
    problem = ""
    try:
        with trace("run", run.id, of=run.kind, seed=run.seed):
            yield clock
        status = "finished"
    except Exception as error:
        status = "failed"
        problem = str(error) if isinstance(error, SkillwrightError) else f"{type(error).__name__}: {error}"
        raise
    finally:
        journal.set_status(run.id, status, error=problem)
        clock.book()
