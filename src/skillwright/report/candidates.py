"""Every candidate of an evolution as one row: where it came from, what became of it, how good it was."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from skillwright.rewards.hacking import find_hack
from skillwright.rewards.records import Candidate, EvolutionResult, Generation, Judgement, Trained

__all__ = ["NUM_BANDS", "SORT_KEYS", "CandidateRow", "Fate", "candidate_rows", "operator_letter", "runs_of"]

Fate = Literal["winner", "finalist", "trained", "failed", "rejected", "untrained"]
"""What became of a candidate."""

NUM_BANDS: Final = 5
"""Trained candidates are coloured in this many bands of equal size, by fitness."""

_LETTERS: Final = {"crossover": "X", "reweigh": "W", "repair": "P"}
"""Letters of operators that are not their first ones."""

_FATES: Final[tuple[Fate, ...]] = ("winner", "finalist", "trained", "failed", "untrained", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """One candidate."""

    candidate: Candidate
    fate: Fate
    reason: str
    """Why it was rejected or failed; empty if neither."""
    hack: str
    """What gives its reward away as being collected without doing the task; empty if nothing does."""
    rank: int | None
    """1 for the best trained candidate; none if it was not ranked."""
    judgement: Judgement | None
    """On the selection seeds, in the search; none if it was not judged."""
    band: int | None
    """0 for the lowest fifth by fitness, up to ``NUM_BANDS - 1``; none if it was not judged."""
    order: dict[str, int] = field(default_factory=dict)
    """Position in the table for each way to sort it."""

    @property
    def fitness(self) -> float | None:
        """Mean fitness on the selection seeds."""
        return self.judgement.fitness if self.judgement else None


def candidate_rows(result: EvolutionResult) -> list[CandidateRow]:
    """Lists every candidate, best first, then those that failed, then those that were rejected.

    Args:
        result: the evolution.

    Returns:
        One row per candidate.
    """
    rows = [row for generation in result.generations for row in _rows_of(generation, result)]
    return _with_orders(_with_bands(rows))


def operator_letter(operator: str) -> str:
    """Gives the letter that stands for an operator in the lineage.

    Args:
        operator: its name.
    """
    return _LETTERS.get(operator, operator[:1].upper())


def runs_of(result: EvolutionResult, candidate_id: str) -> list[Trained]:
    """Finds the trainings that show a candidate best: the finals on fresh seeds, or else the search.

    Args:
        result: the evolution.
        candidate_id: a candidate's id, or ``reference``.

    Returns:
        Its trainings that left a learning curve; those that failed only if no other did.
    """
    searched = [run for generation in result.generations for run in generation.trained]
    for runs in (result.finals, searched):
        curves = [run for run in runs if run.candidate_id == candidate_id and run.curve]
        whole = [run for run in curves if run.policy is not None]
        if curves:
            return whole or curves
    return []


def _rows_of(generation: Generation, result: EvolutionResult) -> Iterable[CandidateRow]:
    trained = {run.candidate_id: run for run in sorted(generation.trained, key=_judged_fitness)}
    refusals = {s.candidate_id: s.reason for s in generation.screenings if not s.accepted}
    finalists = {run.candidate_id for run in result.finals}
    ranks = {name: position for position, name in enumerate(result.ranking, start=1)}
    for candidate in generation.candidates:
        run = trained.get(candidate.id)
        fate = _fate(candidate.id, run, refused=candidate.id in refusals, finalist=candidate.id in finalists)
        yield CandidateRow(
            candidate=candidate,
            fate="winner" if candidate.id == result.winner.id else fate,
            reason=refusals.get(candidate.id) or (run.failure if run else ""),
            hack=find_hack(run, generation.trained) if run else "",
            rank=ranks.get(candidate.id),
            judgement=run.judgement if run else None,
            band=None,
        )


def _judged_fitness(run: Trained) -> tuple[bool, float]:
    return (run.judgement is not None, run.judgement.fitness if run.judgement else 0.0)


def _fate(candidate_id: str, run: Trained | None, *, refused: bool, finalist: bool) -> Fate:
    if refused:
        return "rejected"
    if run is None:
        return "untrained"
    if run.judgement is None or run.policy is None:
        return "failed"
    return "finalist" if finalist else "trained"


def _with_bands(rows: list[CandidateRow]) -> list[CandidateRow]:
    judged = sorted((row for row in rows if row.judgement), key=lambda row: row.fitness or 0.0)
    bands = {row.candidate.id: i * NUM_BANDS // len(judged) for i, row in enumerate(judged)}
    return [replace(row, band=bands.get(row.candidate.id)) for row in rows]


def _with_orders(rows: list[CandidateRow]) -> list[CandidateRow]:
    orders = {name: sorted(rows, key=key) for name, key in SORT_KEYS.items()}
    places = {name: {row.candidate.id: i for i, row in enumerate(ordered)} for name, ordered in orders.items()}
    return [
        replace(row, order={name: place[row.candidate.id] for name, place in places.items()}) for row in orders["rank"]
    ]


def _by_rank(row: CandidateRow) -> tuple[float, ...]:
    return (_FATES.index(row.fate) > _FATES.index("trained"), row.rank or math.inf, _FATES.index(row.fate))


def _by_generation(row: CandidateRow) -> tuple[float, ...]:
    return (row.candidate.generation, *_by_rank(row))


def _by_operator(row: CandidateRow) -> tuple[str | float, ...]:
    return (row.candidate.operator, *_by_rank(row))


def _by_fitness(row: CandidateRow) -> tuple[float, ...]:
    return (math.inf if row.fitness is None else -row.fitness,)


def _by_success(row: CandidateRow) -> tuple[float, ...]:
    rate = row.judgement.success_rate if row.judgement else None
    return (math.inf if rate is None else -rate, *_by_fitness(row))


SORT_KEYS: Final[dict[str, Callable[[CandidateRow], tuple[str | float, ...]]]] = {
    "rank": _by_rank,
    "fitness": _by_fitness,
    "success": _by_success,
    "generation": _by_generation,
    "operator": _by_operator,
}
"""Ways to sort the table of candidates."""
