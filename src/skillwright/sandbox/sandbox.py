"""The one door through which a program that nobody has reviewed is run."""

import atexit
import functools
from collections.abc import Mapping

from skillwright.sandbox.allowlist import check_program
from skillwright.sandbox.cell import Cell, Limits
from skillwright.sandbox.layers import Layers
from skillwright.sandbox.nursery import Nursery

__all__ = ["Sandbox", "shared_sandbox"]


class Sandbox:
    """Keeps programs in cells, one process each: what one does to its process, no other one sees.

    Args:
        limits: of every program.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._nursery: Nursery | None = None

    def hold(self, sources: Mapping[str, str]) -> Cell:
        """Takes in programs of one author, if they stay inside the allowed language; they share a process.

        Args:
            sources: entry -> source text of the program that defines it, with the parameters ``(s, a, n)``.

        Raises:
            ProgramRejected: with the line and what is not allowed there.
        """
        for entry, source in sources.items():
            check_program(source, entry)
        return self.hold_unchecked(sources)

    def hold_unchecked(self, sources: Mapping[str, str]) -> Cell:
        """Takes in programs that have not passed the gate: the process alone must hold them.

        Args:
            sources: entry -> source text of the program that defines it.
        """
        return Cell(self._living_nursery, sources, self._limits)

    def layers(self) -> Layers:
        """Says what holds programs on this machine.

        Raises:
            SandboxTooWeak: too little does, and the person has not allowed it.
        """
        cell = self.hold_unchecked({})
        try:
            return cell.layers()
        finally:
            cell.close()

    def survey(self) -> Layers:
        """Says which layers this machine has, whether they will do or not.

        Raises:
            SandboxTooWeak: no program can be held at all.
        """
        cell = self.hold_unchecked({})
        try:
            return cell.layers(required=False)
        finally:
            cell.close()

    def close(self) -> None:
        """Ends all processes."""
        if self._nursery:
            self._nursery.close()
            self._nursery = None

    def _living_nursery(self) -> Nursery:
        if self._nursery and not self._nursery.is_alive:
            self.close()
        if self._nursery is None:
            self._nursery = Nursery()
        return self._nursery


@functools.cache
def shared_sandbox() -> Sandbox:
    """Gives the sandbox of this process; its processes end with it."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox
