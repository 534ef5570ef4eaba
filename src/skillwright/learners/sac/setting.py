"""What does not change during a training."""

from dataclasses import dataclass

import torch

from skillwright.envs import EnvCard
from skillwright.learners.problem import Problem
from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.layout import Layout

__all__ = ["Setting"]


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
