"""Who writes reward programs: a search that needs no language model, a language model, or both."""

from skillwright.rewards.proposers.proposer import Proposer
from skillwright.rewards.proposers.view import Evaluated, ProposerView, Refusal, ranked, show

__all__ = ["Evaluated", "Proposer", "ProposerView", "Refusal", "ranked", "show"]
