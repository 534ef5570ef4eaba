"""Several proposers at work on the same generation, each with its share of the candidates."""

from collections.abc import Sequence

from skillwright.core.seeding import derive_seed
from skillwright.rewards.budget import split
from skillwright.rewards.proposers.proposer import Proposer
from skillwright.rewards.proposers.view import ProposerView
from skillwright.rewards.records import Proposal

__all__ = ["SideBySide"]


class SideBySide:
    """Lets each proposer write as many candidates as the others; all of them see the whole history.

    Args:
        proposers: at least one; the first writes one more where the number is odd.
    """

    def __init__(self, proposers: Sequence[Proposer]) -> None:
        self._proposers = proposers

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return " + ".join(proposer.name for proposer in self._proposers)

    def propose(self, view: ProposerView, num_candidates: int, *, seed: int) -> list[Proposal]:
        """Proposes the next generation; see ``Proposer.propose``."""
        shares = split(range(num_candidates), len(self._proposers))
        return [
            proposal
            for proposer, share in zip(self._proposers, shares, strict=False)
            for proposal in proposer.propose(view, len(share), seed=derive_seed(seed, proposer.name))
        ]
