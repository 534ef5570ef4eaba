"""The contract of an operator: what a language model is asked for, or what is made without one."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np

from skillwright.rewards.proposers.view import ProposerView
from skillwright.rewards.records import Proposal

__all__ = ["Brief", "Operator"]


class Brief(NamedTuple):
    """What a language model is to be asked."""

    parents: tuple[str, ...]
    """Ids of the candidates it is to build on."""
    template: str
    """Path of the prompt below ``prompts/``."""
    variables: Mapping[str, object]
    """What the prompt names beside the world and the task, which every prompt gets."""


class Operator(Protocol):
    """Makes new reward programs in one way."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn, relative to the others; 0 where it cannot work.

        Args:
            view: what may be known.
        """
        ...

    def apply(self, view: ProposerView, random: np.random.Generator) -> Brief | Proposal:
        """Makes one proposal, or says how a language model is asked for one; called where the odds are above 0.

        Args:
            view: what may be known.
            random: for whatever is drawn.
        """
        ...
