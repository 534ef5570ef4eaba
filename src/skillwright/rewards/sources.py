"""Reward sources: what can score a block of transitions."""

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ProgramFailed
from skillwright.envs import EnvCard, TransitionBlock, views
from skillwright.learners import ScoredBlock
from skillwright.rewards.records import Program
from skillwright.sandbox import shared_sandbox

__all__ = ["EnvReward", "ProgramReward"]

_MAX_REWARD = 1e6


class ProgramReward:
    """The weighted sum of the terms a reward program returns.

    Args:
        card: the world whose fields the program names.
        program: source and weights.

    Raises:
        ProgramRejected: the source is outside the allowed language.
    """

    def __init__(self, card: EnvCard, program: Program) -> None:
        self._card = card
        self._weights = program.weights
        self._cell = shared_sandbox().hold({"reward": program.source})

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``."""
        terms = self._cell.terms(views(self._card, block, judge=False), block.num_transitions)
        weighted = {name: self._weigh(name, term) for name, term in terms.items()}
        return ScoredBlock(np.stack(list(weighted.values())).sum(axis=0), weighted)

    def _weigh(self, name: str, term: NDArray[np.float32]) -> NDArray[np.float32]:
        weighted: NDArray[np.float32] = term * np.float32(self._weights.get(name, 1.0))
        if np.abs(weighted).max(initial=0.0) > _MAX_REWARD:
            raise ProgramFailed(f"the term {name!r} is beyond ±{_MAX_REWARD:.0e}")
        return weighted


class EnvReward:
    """The environment's own reward."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``."""
        return ScoredBlock(block.env_reward, {"env": block.env_reward})
