"""Reward sources: what can score a block of transitions."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ProgramFailed
from skillwright.envs import EnvCard, TransitionBlock, views
from skillwright.learners import ScoredBlock
from skillwright.rewards.records import Program
from skillwright.sandbox import compile_program

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
        self._function = compile_program(program.source, "reward")

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``."""
        returned = self._function(*views(self._card, block, judge=False))
        if not isinstance(returned, Mapping) or not returned:
            raise ProgramFailed(f"a reward program returns a dict of named terms, not {type(returned).__name__}")
        terms = {str(name): self._weighted(str(name), term, block) for name, term in returned.items()}
        return ScoredBlock(np.stack(list(terms.values())).sum(axis=0), terms)

    def _weighted(self, name: str, term: object, block: TransitionBlock) -> NDArray[np.float32]:
        try:
            with np.errstate(over="ignore"):
                array = np.asarray(term, np.float32)
        except (TypeError, ValueError) as error:
            raise ProgramFailed(f"the term {name!r} is not an array of numbers: {error}") from None
        if array.shape not in ((), (block.num_transitions,)):
            raise ProgramFailed(f"the term {name!r} has shape {array.shape}, not ({block.num_transitions},)")
        weighted = np.broadcast_to(array * np.float32(self._weights.get(name, 1.0)), (block.num_transitions,))
        if not np.isfinite(weighted).all() or np.abs(weighted).max(initial=0.0) > _MAX_REWARD:
            raise ProgramFailed(f"the term {name!r} is not finite, or beyond ±{_MAX_REWARD:.0e}")
        return weighted


class EnvReward:
    """The environment's own reward."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``."""
        return ScoredBlock(block.env_reward, {"env": block.env_reward})
