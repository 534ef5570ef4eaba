"""The steps of one run: what has been done is taken from the journal, the rest is done once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from skillwright.core.journal import Journal

__all__ = ["Steps"]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Steps:
    """The journal as one run sees it."""

    journal: Journal
    run_id: str
    taken: Callable[[], None] = lambda: None
    """Called after a step was taken, not found."""

    def once(self, key: str, schema: type[M], produce: Callable[[], M]) -> M:
        """Takes a step unless it has been taken; see ``Journal.once``.

        Args:
            key: name of the step, unique in the run.
            schema: class of its result.
            produce: makes the result.
        """
        known = self.find(key, schema)
        if known is not None:
            return known
        result = self.journal.once(self.run_id, key, schema, produce)
        self.taken()
        return result

    def find(self, key: str, schema: type[M]) -> M | None:
        """Gives the result of a step that has been taken; none if it has not.

        Args:
            key: name of the step.
            schema: class of its result.
        """
        return self.journal.get(self.run_id, key, schema)
