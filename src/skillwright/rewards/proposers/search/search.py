"""The proposer that needs no language model: an evolutionary search over terms built from the card's fields."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from skillwright.core.chance import draw_from, draw_weighted
from skillwright.core.seeding import generator
from skillwright.rewards.proposers.search.genome import Genome, Term
from skillwright.rewards.proposers.search.grammar import Grammar
from skillwright.rewards.proposers.view import Evaluated, ProposerView
from skillwright.rewards.records import Proposal

__all__ = ["SearchProposer"]

_OPERATORS: Final[dict[str, float]] = {"mutate": 0.45, "crossover": 0.25, "reweigh": 0.15, "fresh": 0.15}
_PARENT_SHARE: Final = 0.25
"""Share of all evaluated candidates that may become parents, best first (truncation selection)."""
_MIN_PARENTS: Final = 3
_MIN_TERMS: Final = 2
_WEIGHT_SPREAD: Final = 0.7
"""Standard deviation of the change of a log weight."""


class SearchProposer:
    """Evolves weighted sums of terms: fresh draws, mutation, crossover and re-weighing of the best so far.

    It reads the card's fields and the fitness numbers of earlier candidates, nothing else.
    """

    name = "search"

    def propose(self, view: ProposerView, num_candidates: int, *, seed: int) -> list[Proposal]:
        """Proposes the next generation; see ``Proposer.propose``."""
        brood = _Brood(Grammar(view.card), _parents(view.parents), generator(seed, "search proposer"))
        return [brood.breed() for _ in range(num_candidates)]


class _Brood:
    """One generation in the making."""

    def __init__(self, grammar: Grammar, parents: Sequence[tuple[str, Genome]], random: np.random.Generator) -> None:
        self._grammar = grammar
        self._parents = parents
        self._random = random

    def breed(self) -> Proposal:
        operator = draw_weighted(self._random, _OPERATORS) if self._parents else "fresh"
        make: dict[str, Callable[[], tuple[Genome, tuple[str, ...]]]] = {
            "fresh": self._fresh,
            "mutate": self._mutate,
            "crossover": self._cross,
            "reweigh": self._reweigh,
        }
        genome, parents = make[operator]()
        rationale = _rationale(operator, parents, genome)
        return Proposal(
            operator=operator,
            parents=parents,
            author=SearchProposer.name,
            rationale=rationale,
            program=genome.program(rationale),
        )

    def _fresh(self) -> tuple[Genome, tuple[str, ...]]:
        return Genome.of(self._grammar.draw_program(self._random)), ()

    def _mutate(self) -> tuple[Genome, tuple[str, ...]]:
        """Adds, drops or replaces one or two terms of a good candidate, and shifts one weight."""
        parent, genome = self._pick()
        terms = list(genome.terms)
        for _ in range(1 + int(self._random.random() < 0.4)):
            change = self._random.random()
            if change < 0.6 and len(terms) > _MIN_TERMS:
                terms.pop(self._random.integers(len(terms)))
            if change > 0.25:
                terms.append(self._grammar.draw_term(self._random))
        chosen = int(self._random.integers(len(terms)))
        terms[chosen] = self._shift(terms[chosen])
        return Genome.of(terms), (parent,)

    def _cross(self) -> tuple[Genome, tuple[str, ...]]:
        """Takes each term of two good candidates with even odds."""
        (first, one), (second, other) = self._pick(), self._pick()
        pool = [*one.terms, *other.terms]
        kept = [term for term in pool if self._random.random() < 0.6]
        while len(kept) < _MIN_TERMS:
            kept.append(draw_from(self._random, pool))
        return Genome.of(kept), (first,) if first == second else (first, second)

    def _reweigh(self) -> tuple[Genome, tuple[str, ...]]:
        """Shifts all weights of a good candidate."""
        parent, genome = self._pick()
        return Genome.of(self._shift(term) for term in genome.terms), (parent,)

    def _pick(self) -> tuple[str, Genome]:
        return draw_from(self._random, self._parents)

    def _shift(self, term: Term) -> Term:
        factor = float(np.exp(self._random.normal(0.0, _WEIGHT_SPREAD)))
        return Term(name=term.name, expression=term.expression, weight=float(f"{term.weight * factor:.3g}"))


def _parents(evaluated: Sequence[Evaluated]) -> list[tuple[str, Genome]]:
    num = max(_MIN_PARENTS, round(len(evaluated) * _PARENT_SHARE))
    parsed = [(item.candidate.id, Genome.parse(item.candidate.program)) for item in evaluated[:num]]
    return [(name, genome) for name, genome in parsed if genome is not None]


def _rationale(operator: str, parents: Sequence[str], genome: Genome) -> str:
    """Says in words how a reward was made and what it pays for."""
    origin = {
        "fresh": "Drawn from the card's fields",
        "mutate": "A changed",
        "crossover": "Terms of",
        "reweigh": "New weights for",
    }[operator]
    made = f"{origin} {' and '.join(parents)}" if parents else origin
    strongest = sorted(genome.terms, key=lambda term: -term.weight)[:3]
    return f"{made}; pays most for {', '.join(term.name.replace('_', ' ') for term in strongest)}."
