"""Fills a generation: asks for candidates, screens them, and asks again to replace what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from skillwright.core import BudgetExceeded, derive_seed
from skillwright.core.tracing import annotate, traced
from skillwright.rewards.progress import Observer
from skillwright.rewards.proposers import Proposer, ProposerView, Refusal
from skillwright.rewards.records import Candidate, Proposal, Screened, Screening
from skillwright.rewards.screens.screener import Screener

__all__ = ["Assembly"]

_ROUNDS: Final = 4
"""How often a proposer is asked again to replace what the screens refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """One generation in the making."""

    view: ProposerView
    proposer: Proposer
    screener: Screener
    observer: Observer
    seed: int
    """Of the run."""
    _candidates: list[Candidate] = field(default_factory=list)
    _screenings: list[Screening] = field(default_factory=list)

    @traced("propose")
    def fill(self, given: Sequence[Proposal], num_candidates: int) -> Screened:
        """Asks for candidates until enough have passed the screens.

        Args:
            given: proposals that are there already; they count among those that are wanted.
            num_candidates: how many shall pass.

        Returns:
            The candidates; none if there are generations already and the budget for models is spent.

        Raises:
            BudgetExceeded: the budget does not even allow a first generation.
            ModelUnavailable: a language model cannot be reached, or answers nothing that can be used.
        """
        annotate(generation=self.view.generation, proposer=self.proposer.name, wanted=num_candidates)
        refused = self._admit(given)
        for attempt in range(_ROUNDS):
            missing = num_candidates - sum(screening.accepted for screening in self._screenings)
            if missing <= 0:
                break
            seed = derive_seed(self.seed, "proposals", self.view.generation, attempt)
            try:
                proposals = self.proposer.propose(self.view.once_more(attempt, refused), missing, seed=seed)
            except BudgetExceeded as error:
                if not (self.view.history or self._candidates):
                    raise
                self.observer.said(f"No further proposals: {error}")
                break
            refused = self._admit(proposals)
        return Screened(candidates=self._candidates, screenings=self._screenings)

    def _admit(self, proposals: Sequence[Proposal]) -> list[Refusal]:
        """Gives proposals their names and screens them; returns those that are refused."""
        refused = []
        for proposal in proposals:
            name = f"g{self.view.generation}-c{len(self._candidates):02d}"
            candidate = Candidate(id=name, generation=self.view.generation, **dict(proposal))
            screening = self.screener.screen(candidate)
            self._candidates.append(candidate)
            self._screenings.append(screening)
            if not screening.accepted:
                refused.append(Refusal(candidate, screening.reason))
        return refused
