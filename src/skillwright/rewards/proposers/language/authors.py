"""Which of several models writes the next proposals: a bandit over what each of them has won, and cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from skillwright.core.steps import Steps
from skillwright.llm.asking import Asker
from skillwright.llm.bandit import Arm, Bandit, Outcome
from skillwright.llm.chat import Usage
from skillwright.rewards.records import Generation

__all__ = ["ROLE", "Authors"]

ROLE: Final = "rewarder"
"""On whose behalf models are asked for rewards."""

_USUAL: Final = Usage(prompt_tokens=2500, completion_tokens=800, is_estimate=True)
"""Tokens of one proposal, before any has been paid for."""


class _Chosen(BaseModel):
    """Who writes the proposals of one round, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authors:
    """The models that may be asked, and the ledger they share."""

    askers: Mapping[str, Asker]
    """Name of a model -> whoever asks it; at least one."""
    steps: Steps
    seed: int
    """Seed of the run."""

    def choose(self, num: int, history: Sequence[Generation], *, round_seed: int) -> list[str]:
        """Chooses a model for each of several proposals; what was chosen once is kept in the journal.

        Args:
            num: how many.
            history: all generations so far.
            round_seed: tells this round of proposals from all others.
        """
        [first, *others] = self.askers
        if not others:
            return [first] * num
        return self.steps.once(
            f"authors/{round_seed}", _Chosen, lambda: _Chosen(models=self._draw(num, history, round_seed))
        ).models

    def _draw(self, num: int, history: Sequence[Generation], round_seed: int) -> list[str]:
        outcomes = self._outcomes(history)
        bandit = Bandit(arms=tuple(self._arm(model) for model in self.askers), seed=self.seed)
        return [bandit.choose(outcomes, turn=round_seed + turn) for turn in range(num)]

    def _arm(self, model: str) -> Arm:
        price = self.askers[model].ledger.prices.price_of(model)
        return Arm(model=model, expected_usd=price.cost_usd(_USUAL) if price else None)

    def _outcomes(self, history: Sequence[Generation]) -> list[Outcome]:
        """Says of every proposal whether it was among the better half of its generation."""
        outcomes = []
        for generation in history:
            winners = _better_half(generation)
            outcomes += [
                Outcome(model=one.author, cost_usd=self._cost(one.author, history), won=one.id in winners)
                for one in generation.candidates
                if one.author in self.askers
            ]
        return outcomes

    def _cost(self, model: str, history: Sequence[Generation]) -> float | None:
        """Gives what a proposal of a model has cost on average; none where its price is not known."""
        spent = self.askers[model].ledger.spending(role=ROLE, model=model)
        num = sum(one.author == model for generation in history for one in generation.candidates)
        return None if spent.num_unpriced else spent.usd / num


def _better_half(generation: Generation) -> set[str]:
    fitness = {one.candidate_id: one.judgement.fitness for one in generation.trained if one.judgement}
    middle = float(np.median(list(fitness.values()))) if fitness else 0.0
    return {name for name, value in fitness.items() if value >= middle}
