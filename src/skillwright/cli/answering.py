"""The person at the terminal, asked in the middle of a run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from skillwright.agents.person import NOBODY, Person
from skillwright.cli.display.progress import LiveObserver
from skillwright.cli.display.terminal import print_lines
from skillwright.core import ConfigError
from skillwright.rewards.progress import Observer

__all__ = ["PersonAtTerminal", "person_at", "require_person"]


def person_at(console: Console, observer: Observer) -> Person:
    """Finds out whether somebody is there to ask.

    Args:
        console: where the run shows itself.
        observer: shows its progress there, and keeps still while a question stands.
    """
    return PersonAtTerminal(console, observer) if _has_person(console) else NOBODY


def require_person(console: Console) -> None:
    """Refuses to promise questions that nobody will hear.

    Args:
        console: where the run will show itself.

    Raises:
        ConfigError: nobody is there.
    """
    if not _has_person(console):
        raise ConfigError(
            "--feedback asks a person about every generation, and nobody is at a terminal; run this command in one, "
            "without a pipe, or leave --feedback out"
        )


class PersonAtTerminal:
    """Asks on the terminal, with the progress out of the way.

    Args:
        console: the terminal.
        observer: shows progress on it.
    """

    def __init__(self, console: Console, observer: Observer) -> None:
        self._console = console
        self._observer = observer

    def confirms(self, text: str) -> bool:
        """Shows what there is to confirm and takes y or n; see ``Person.confirms``."""
        with self._quiet():
            print_lines(self._console, "", *text.splitlines(), "")
            return self._answer("Is this what you meant? [y/N] ").strip().casefold() in ("y", "yes")

    def comments(self, text: str, video: Path | None) -> str:
        """Takes one line about a policy; see ``Person.comments``."""
        with self._quiet():
            print_lines(self._console, "", f"This is {text}.", *([f"Watch it: {video}"] if video else []))
            return self._answer("What should be different? (Enter for nothing) ").strip()

    def _answer(self, question: str) -> str:
        try:
            return self._console.input(question, markup=False)
        except EOFError:
            return ""

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        if not isinstance(self._observer, LiveObserver):
            yield
            return
        with self._observer.paused():
            yield


def _has_person(console: Console) -> bool:
    return sys.stdin.isatty() and console.is_interactive
