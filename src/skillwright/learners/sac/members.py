"""What a population of candidates is made of."""

from dataclasses import dataclass

import torch

from skillwright.envs import EnvCard
from skillwright.learners.curve import CurveRecorder
from skillwright.learners.problem import Entrant, Problem
from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.layout import Layout

__all__ = ["Member", "Setting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What does not change during a training."""

    config: SACConfig
    problem: Problem
    layout: Layout
    device: torch.device

    @property
    def card(self) -> EnvCard:
        """The world."""
        return self.problem.card


@dataclass(slots=True, kw_only=True)
class Member:
    """One candidate that is still in the race."""

    index: int
    """Its place among the entrants."""
    entrant: Entrant
    curve: CurveRecorder
    failure: str = ""
    """Why it was ended, if it was; its environments run on, for those who share its transitions."""
