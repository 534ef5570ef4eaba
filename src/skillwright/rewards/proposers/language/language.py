"""Asks language models for rewards: an operator says how, a bandit whom, and every reply is a program or a reason."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

import numpy as np

from skillwright.core.chance import draw_weighted
from skillwright.core.errors import SkillwrightError
from skillwright.core.seeding import generator
from skillwright.envs.describing import describe_card
from skillwright.llm.asking import Answers
from skillwright.llm.side_by_side import do_side_by_side
from skillwright.rewards.operators import OPERATORS, Brief, Operator
from skillwright.rewards.proposers.language.authors import ROLE, Authors
from skillwright.rewards.proposers.language.reply import WrittenReward
from skillwright.rewards.proposers.view import ProposerView
from skillwright.rewards.records import Program, Proposal

__all__ = ["LLMProposer"]

_MAX_BRIEFS: Final = 4
"""Different questions that are under way at once."""
_MAX_ATTEMPTS: Final = 100
_MAX_SAMPLES: Final = 10_000
"""More than there are of any question in one attempt."""


@dataclass(frozen=True, slots=True)
class _Order:
    """Proposals that are made in one way, from the same parents."""

    operator: str
    brief: Brief
    places: list[int]
    """Where among the proposals they go."""


class LLMProposer:
    """Writes rewards with language models, in the manner of Eureka and its successors.

    Every refusal of the screens is first given back for repair, with its reason; all others are drawn by
    the operators' odds.

    Args:
        authors: the models.
    """

    name = "llm"

    def __init__(self, authors: Authors) -> None:
        self._authors = authors

    def propose(self, view: ProposerView, num_candidates: int, *, seed: int) -> list[Proposal]:
        """Proposes the next generation; see ``Proposer.propose``."""
        random = generator(seed, "language proposer")
        operators = {name: OPERATORS.resolve(name)() for name in OPERATORS.names()}
        orders: dict[tuple[str, tuple[str, ...]], _Order] = {}
        made: dict[int, Proposal] = {}
        own = [refusal for refusal in view.refused if refusal.candidate.author in self._authors.askers]
        for place, seen in enumerate(_views(view.with_refused(own), num_candidates)):
            name = _draw(operators, seen, random)
            drawn = operators[name].apply(seen, random)
            if isinstance(drawn, Proposal):
                made[place] = drawn
            else:
                orders.setdefault((name, drawn.parents), _Order(name, drawn, [])).places.append(place)
        made |= self._have_written(list(orders.values()), view, seed)
        return [made[place] for place in sorted(made)]

    def _have_written(self, orders: Sequence[_Order], view: ProposerView, seed: int) -> dict[int, Proposal]:
        """Asks for all orders side by side; those that fail leave the others alone, unless all of them do."""
        num = sum(len(order.places) for order in orders)
        models = iter(self._authors.choose(num, view.history, round_seed=seed))
        first = _first_sample(view)
        shared = {"world": describe_card(view.card), "task": view.task_text}
        written: dict[int, Proposal] = {}
        lock = threading.Lock()

        def fill(order: _Order, model: str, samples: range) -> None:
            answers = self._ask(order, model, shared, samples)
            with lock:
                written.update(_proposals(order, model, answers, first))

        dealt = [(order, list(islice(models, len(order.places)))) for order in orders]
        tasks = [partial(fill, order, *part) for order, chosen in dealt for part in _parts(chosen, first)]
        errors = [error for error in do_side_by_side(tasks, _MAX_BRIEFS, threading.Event()) if error is not None]
        for error in errors:
            if not isinstance(error, SkillwrightError) or not written:
                raise error
            self._say(str(error))
        return written

    def _ask(self, order: _Order, model: str, shared: Mapping[str, object], samples: range) -> Answers[WrittenReward]:
        brief, asker = order.brief, self._authors.askers[model]
        variables = {**brief.variables, **shared}
        answers = asker.ask(brief.template, variables, WrittenReward, samples=samples, role=ROLE)
        for failure in answers.failures:
            self._say(f"{model}, asked to {order.operator}: {failure}")
        return answers

    def _say(self, line: str) -> None:
        """Tells whoever watches."""
        next(iter(self._authors.askers.values())).said(line)


def _views(view: ProposerView, num: int) -> list[ProposerView]:
    """Shows each refusal to one proposal, and none to the rest."""
    repairs = [view.with_refused([refusal]) for refusal in view.refused[:num]]
    return [*repairs, *[view.with_refused([])] * (num - len(repairs))]


def _draw(operators: Mapping[str, Operator], view: ProposerView, random: np.random.Generator) -> str:
    odds = {name: operator.odds(view) for name, operator in operators.items()}
    total = sum(odds.values())
    return draw_weighted(random, {name: value / total for name, value in odds.items()})


def _first_sample(view: ProposerView) -> int:
    """Numbers samples so that a question that is asked again, later in the run, gets other replies."""
    return (view.generation * _MAX_ATTEMPTS + view.attempt) * _MAX_SAMPLES


def _parts(models: Sequence[str], first: int) -> list[tuple[str, range]]:
    """Deals samples out to the models that write them; those of all models are numbered through."""
    parts = []
    for model, num in Counter(models).items():
        parts.append((model, range(first, first + num)))
        first += num
    return parts


def _proposals(order: _Order, model: str, answers: Answers[WrittenReward], first: int) -> dict[int, Proposal]:
    """Makes proposals of what was written; the sample that is the i-th from the first goes to the i-th place."""
    return {
        order.places[sample - first]: Proposal(
            operator=order.operator,
            author=model,
            parents=order.brief.parents,
            rationale=written.rationale,
            program=Program(source=written.source),
        )
        for sample, written in zip(answers.samples, answers.values, strict=True)
    }
