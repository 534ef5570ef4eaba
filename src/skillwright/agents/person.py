"""What only a person can answer in the middle of a run."""

from pathlib import Path
from typing import Final, Protocol

from skillwright.core import ConfigError

__all__ = ["NOBODY", "Nobody", "Person"]


class Person(Protocol):
    """Answers when a run needs an answer."""

    def confirms(self, text: str) -> bool:
        """Says whether the run may go on with what a model understood.

        Args:
            text: what there is to confirm, in Markdown.

        Raises:
            ConfigError: there is nobody to ask.
        """
        ...

    def comments(self, text: str, video: Path | None) -> str:
        """Says what they think of a policy.

        Args:
            text: which policy it is and how good it is, in a line.
            video: of one of its episodes; none if the world cannot be drawn.

        Returns:
            What they have to say; empty for nothing.

        Raises:
            ConfigError: there is nobody to ask.
        """
        ...


class Nobody:
    """Is there when a run works on its own."""

    def confirms(self, text: str) -> bool:
        """Cannot say.

        Args:
            text: what there is to confirm.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(
            f"{text}\n\nNobody is there to confirm this; say --yes if it is right without a look, or run in a terminal"
        )

    def comments(self, text: str, video: Path | None) -> str:
        """Has nothing to say.

        Args:
            text: which policy it is.
            video: of one of its episodes.
        """
        return ""


NOBODY: Final = Nobody()
"""Is there by default."""
