"""From a sentence to skills; the work itself is in ``running`` and ``playing``, which need a database."""

from skillwright.agents.run_types import Plan, RunRecord, RunRequest, SubTask

__all__ = ["Plan", "RunRecord", "RunRequest", "SubTask"]
