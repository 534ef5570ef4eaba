"""What an evolution tells whoever is watching while it works."""

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["Observer", "Progress", "Silent", "Stage"]

Stage = Literal["proposing", "search", "finals", "judging"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where an evolution stands."""

    stage: Stage
    """``proposing``: rewards are written and screened; ``search``: generations are trained; ``finals``: finalists are
    retrained; ``judging``: held-out episodes."""
    generation: int
    """Index of the generation in training, from 0."""
    num_generations: int
    num_candidates: int
    """Candidates in training now."""
    timesteps: int
    """Env steps spent so far by the whole run."""
    total_timesteps: int
    """Env steps the whole run will spend."""
    steps_per_second: float
    """Env steps per second of wall time, all candidates together, since this process began to train."""
    best_fitness: float | None
    """Best mean fitness seen so far; none before the first episode ended."""


class Observer(Protocol):
    """Watches a run."""

    def said(self, line: str) -> None:
        """Takes one line of plain text for the person; may be called from other threads.

        Args:
            line: what happened, without a line break.
        """

    def heard(self, piece: str) -> None:
        """Takes a piece of a language model's reply as it arrives; may be called from other threads.

        Args:
            piece: a few characters of text.
        """

    def progressed(self, progress: Progress) -> None:
        """Takes the newest state; called a few times per second at most.

        Args:
            progress: where the evolution stands.
        """


class Silent:
    """Watches and says nothing."""

    def said(self, line: str) -> None:
        """Drops the line.

        Args:
            line: what happened.
        """

    def heard(self, piece: str) -> None:
        """Drops the piece.

        Args:
            piece: of a reply.
        """

    def progressed(self, progress: Progress) -> None:
        """Drops the state.

        Args:
            progress: where the evolution stands.
        """
