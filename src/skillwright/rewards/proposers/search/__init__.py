"""The search that needs no language model: terms built from the card's fields, recombined by evolution."""

from skillwright.rewards.proposers.search.search import SearchProposer

__all__ = ["SearchProposer"]
