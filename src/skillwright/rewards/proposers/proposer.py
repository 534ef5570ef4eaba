"""The contract of whoever writes reward programs."""

from typing import Protocol

from skillwright.rewards.proposers.view import ProposerView
from skillwright.rewards.records import Proposal

__all__ = ["Proposer"]


class Proposer(Protocol):
    """Writes reward programs."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    def propose(self, view: ProposerView, num_candidates: int, *, seed: int) -> list[Proposal]:
        """Proposes candidates for the generation in the making.

        Args:
            view: what may be known.
            num_candidates: how many are wanted.
            seed: the same view and seed give the same proposals, as far as those who are asked answer the same.

        Returns:
            At most that many proposals; fewer where some could not be had.

        Raises:
            BudgetExceeded: no more may be spent.
            ModelUnavailable: a language model cannot be reached, or answers nothing that can be used.
        """
        ...
