"""What a plan will take: env steps, minutes, tokens and money, from what earlier runs of this home have measured."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from skillwright.agents.run_sizes import NUM_CANDIDATES, NUM_GENERATIONS, usual_timesteps
from skillwright.agents.run_types import OWN_WORDS, Plan
from skillwright.core.journal import Journal
from skillwright.envs import EnvCard
from skillwright.envs.describing import describe_card
from skillwright.llm import Prices, Usage
from skillwright.llm.exchanges import read_exchanges
from skillwright.llm.lengths import guess_tokens
from skillwright.skills.library import Library

__all__ = ["Estimate", "Helpers", "Records", "StepCost", "estimate_plan"]

_USUAL_STEPS_PER_S: Final = 20_000.0
"""Env steps per second of a whole run, where this home has measured none."""
_NUM_MEASURED: Final = 5
"""Newest skills and runs that are measured."""
_PROMPT_AROUND: Final = 1500
"""Tokens of a question for a reward beside its world."""
_USUAL_REPLY: Final = 700
"""Tokens of a reply with a reward program."""


class Helpers(NamedTuple):
    """Names of the models that would be asked while skills are made; several share the work."""

    rewarder: Sequence[str]
    verifier: Sequence[str]


class StepCost(NamedTuple):
    """What one sub-task takes."""

    env_steps: int
    """0 if its skill is reused."""
    seconds: float
    num_requests: int
    """To models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a plan will take, if nothing is said about its size."""

    sub_tasks: tuple[StepCost, ...]
    """In the plan's order."""
    steps_per_s: float
    speed_source: str
    """Where the speed comes from, in words."""
    tokens: int
    tokens_source: str
    """Where the length of replies comes from, in words; empty if no model is asked."""
    usd: float | None
    """None: the price of a model is not known."""
    unpriced: tuple[str, ...]
    """Models without a known price."""

    @property
    def env_steps(self) -> int:
        """Of all sub-tasks."""
        return sum(one.env_steps for one in self.sub_tasks)

    @property
    def seconds(self) -> float:
        """Of all sub-tasks, one after the other."""
        return sum(one.seconds for one in self.sub_tasks)

    @property
    def num_requests(self) -> int:
        """Of all sub-tasks."""
        return sum(one.num_requests for one in self.sub_tasks)


@dataclass(frozen=True, slots=True)
class Records:
    """What a home has measured."""

    library: Library
    journal: Journal

    def speed(self, card: EnvCard) -> tuple[float, str]:
        """Gives the env steps per second of the newest runs in a world, and where that comes from."""
        made = [skill for skill in self.library.list(all_versions=True) if skill.env_id == card.id]
        newest = sorted(made, key=lambda skill: skill.created_at, reverse=True)[:_NUM_MEASURED]
        rates = [
            one.evidence.training_timesteps / one.evidence.wall_time_s for one in newest if one.evidence.wall_time_s > 0
        ]
        rates = [rate for rate in rates if rate > 0]
        if not rates:
            return _USUAL_STEPS_PER_S, "assumed: no run of this home has made a skill in this world yet"
        return statistics.median(rates), f"median of the last {len(rates)} skills made in this world"

    def request(self, card: EnvCard) -> tuple[Usage, str]:
        """Gives the tokens of one question for a reward and its reply, and where that comes from."""
        runs = (run for run in self.journal.runs() if run.kind != "plan")
        counted = [
            exchange
            for run in islice(runs, _NUM_MEASURED)
            for exchange in read_exchanges(self.journal, run.id)
            if exchange.subject.role == "rewarder" and exchange.replies and exchange.usage
        ]
        num_replies = sum(len(exchange.replies) for exchange in counted)
        if not num_replies:
            prompt = guess_tokens([describe_card(card)]) + _PROMPT_AROUND
            return Usage(prompt_tokens=prompt, completion_tokens=_USUAL_REPLY), "assumed: no run has asked a model yet"
        usages = [exchange.usage for exchange in counted if exchange.usage]
        mean = Usage(
            prompt_tokens=round(sum(usage.prompt_tokens for usage in usages) / num_replies),
            completion_tokens=round(sum(usage.completion_tokens for usage in usages) / num_replies),
        )
        return mean, f"mean of {num_replies} rewards written in earlier runs"


def estimate_plan(plan: Plan, card: EnvCard, helpers: Helpers, records: Records, prices: Prices) -> Estimate:
    """Estimates what a plan will take.

    Args:
        plan: the plan.
        card: its world.
        helpers: the models that would be asked; empty where there are none.
        records: what this home has measured.
        prices: what models cost.
    """
    speed, speed_source = records.speed(card)
    usage, tokens_source = records.request(card)
    env_steps = usual_timesteps(card)
    num_rewards = NUM_CANDIDATES * NUM_GENERATIONS if helpers.rewarder else 0
    costs = []
    asked: list[str] = []
    for one in plan.sub_tasks:
        if one.reuse is not None:
            costs.append(StepCost(0, 0.0, 0))
            continue
        models = [helpers.rewarder[number % len(helpers.rewarder)] for number in range(num_rewards)]
        models += helpers.verifier[:1] if one.task == OWN_WORDS else []
        asked += models
        costs.append(StepCost(env_steps, env_steps / speed, len(models)))
    known = {model: prices.price_of(model) for model in dict.fromkeys(asked)}
    unpriced = tuple(model for model, price in known.items() if price is None)
    usd = sum(price.cost_usd(usage) for model in asked if (price := known[model]) is not None)
    return Estimate(
        sub_tasks=tuple(costs),
        steps_per_s=speed,
        speed_source=speed_source,
        tokens=len(asked) * (usage.prompt_tokens + usage.completion_tokens),
        tokens_source=tokens_source if asked else "",
        usd=None if unpriced else usd,
        unpriced=unpriced,
    )
