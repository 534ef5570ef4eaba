"""Several models share the work of proposing: the one whose proposals win, for what they cost, gets more of it.

Budgeted Thompson sampling: Y. Xia, H. Li, T. Qin, N. Yu, T.-Y. Liu, "Thompson Sampling for Budgeted Multi-Armed
Bandits", IJCAI 2015 (arXiv:1505.00146). Model k has won s_k places with n_k proposals. For each proposal

    θ_k ~ Beta(1 + s_k, 1 + n_k − s_k),    ask  argmax_k θ_k / (c_k + c₀).

Deviations, and why:

- The paper draws the cost from a posterior too. Here c_k is its mean, as what a proposal costs hardly varies between
  proposals, while whether it wins varies all the more.
- c₀, the cost of training and judging one proposal, is the same for all models. Without it a model that costs nothing
  would have an infinite ratio, and a cheap one that never wins would be asked for ever: it is the trainings it wastes
  that are dear.
- A model whose price is not known counts as dear as the dearest that is known: unknown is never nothing.
- A generation's proposals are asked for before any of them is judged. The draw does the spreading then, which keeps
  working under such delays (O. Chapelle, L. Li, "An Empirical Evaluation of Thompson Sampling", NIPS 2011).

What a win is decides whoever judges; a place among the survivors of the same generation is compared with proposals of
the same difficulty, so that later generations, which are harder to win, do no injustice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from skillwright.core.seeding import generator

__all__ = ["Arm", "Bandit", "Outcome", "Standing"]

_TRAINING_USD: Final = 0.01
"""About a quarter of an hour of one rented core."""


class Outcome(BaseModel):
    """What became of one proposal; a list of these is all that a bandit knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    """Name of the model that proposed."""
    cost_usd: float | None = Field(default=None, ge=0)
    """What asking it cost; none: its price is not known."""
    won: bool
    """Whether the proposal was trained and won a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A model that can be asked."""

    model: str
    """Its name."""
    expected_usd: float | None = None
    """What one proposal should cost by the list of prices; none: not known. It counts like one proposal made."""


class Standing(NamedTuple):
    """How a model stands."""

    model: str
    num_proposals: int
    num_wins: int
    cost_usd: float
    """What one proposal is taken to cost, without the training."""
    is_cost_known: bool
    """Otherwise it is that of the dearest model that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandit:
    """Chooses whom to ask; the same seed, outcomes and turn always give the same choice."""

    arms: tuple[Arm, ...]
    """At least one, with different names."""
    seed: int
    """Seed of the run."""
    training_usd: float = _TRAINING_USD
    """What training and judging one proposal costs, whoever made it; above 0."""

    def __post_init__(self) -> None:
        names = [arm.model for arm in self.arms]
        assert names, "a bandit needs a model"
        assert len(set(names)) == len(names), "a model stands in the bandit twice"
        assert self.training_usd > 0, "a training costs something"

    def choose(self, outcomes: Sequence[Outcome], *, turn: int) -> str:
        """Chooses the model of the next proposal.

        Args:
            outcomes: of all proposals judged so far, in any order; those of other models are passed over.
            turn: number of the proposal in the run; a journalled run that goes on gives the same one again.

        Returns:
            The name of the model.
        """
        random = generator(self.seed, "bandit", turn)
        standings = self.standings(outcomes)
        values = [self._draw_value(standing, random.beta) for standing in standings]
        return standings[max(range(len(values)), key=values.__getitem__)].model

    def standings(self, outcomes: Sequence[Outcome]) -> list[Standing]:
        """Sums up how the models stand.

        Args:
            outcomes: of all proposals judged so far.

        Returns:
            One per model, in the order of the arms.
        """
        costs = [_mean_cost(arm, outcomes) for arm in self.arms]
        dearest = max((cost for cost in costs if cost is not None), default=0.0)
        return [_standing(arm.model, outcomes, cost, dearest) for arm, cost in zip(self.arms, costs, strict=True)]

    def _draw_value(self, standing: Standing, beta: Callable[[float, float], float]) -> float:
        losses = standing.num_proposals - standing.num_wins
        return float(beta(1 + standing.num_wins, 1 + losses)) / (standing.cost_usd + self.training_usd)


def _mean_cost(arm: Arm, outcomes: Sequence[Outcome]) -> float | None:
    paid = [one.cost_usd for one in outcomes if one.model == arm.model and one.cost_usd is not None]
    if arm.expected_usd is not None:
        paid.append(arm.expected_usd)
    return sum(paid) / len(paid) if paid else None


def _standing(model: str, outcomes: Sequence[Outcome], cost: float | None, dearest: float) -> Standing:
    own = [one for one in outcomes if one.model == model]
    return Standing(
        model=model,
        num_proposals=len(own),
        num_wins=sum(one.won for one in own),
        cost_usd=dearest if cost is None else cost,
        is_cost_known=cost is not None,
    )
