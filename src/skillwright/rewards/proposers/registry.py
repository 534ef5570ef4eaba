"""Who can write rewards, by name."""

from typing import Final, Protocol

from skillwright.core import ConfigError
from skillwright.core.registry import Registry
from skillwright.rewards.proposers.language import LLMProposer
from skillwright.rewards.proposers.language.authors import Authors
from skillwright.rewards.proposers.proposer import Proposer
from skillwright.rewards.proposers.search import SearchProposer
from skillwright.rewards.proposers.side_by_side import SideBySide

__all__ = ["PROPOSERS", "ProposerFactory", "make_both", "make_llm", "make_search"]


class ProposerFactory(Protocol):
    """Makes a proposer for one run."""

    def __call__(self, authors: Authors | None) -> Proposer:
        """Makes it.

        Args:
            authors: the language models of the run; none if it has none.

        Raises:
            ConfigError: it needs a model, and there is none.
        """
        ...


PROPOSERS: Final[Registry[ProposerFactory]] = Registry(
    "proposer",
    "skillwright.proposers",
    {"both": f"{__name__}:make_both", "llm": f"{__name__}:make_llm", "search": f"{__name__}:make_search"},
)


def make_search(authors: Authors | None) -> Proposer:
    """Makes the proposer that asks nobody; see ``ProposerFactory``."""
    return SearchProposer()


def make_llm(authors: Authors | None) -> Proposer:
    """Makes the proposer that asks language models; see ``ProposerFactory``."""
    if authors is None:
        raise ConfigError("this proposer asks a language model, and none is configured; name one with --model")
    return LLMProposer(authors)


def make_both(authors: Authors | None) -> Proposer:
    """Makes the two of them share every generation; see ``ProposerFactory``."""
    return SideBySide([make_llm(authors), SearchProposer()])
