"""Puts into words what a generation taught: the text a proposer reads before the next one."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from skillwright.prompts import render_prompt
from skillwright.rewards.proposer import ranked
from skillwright.rewards.records import Candidate, Generation, Reflection, Screening, Trained

__all__ = ["reflect"]

_TEMPLATE: Final = "reflection.md"


class _TermTrace(NamedTuple):
    name: str
    first: float
    middle: float
    last: float
    share: float
    """Of the sum of all terms' absolute contributions."""


class _Account(NamedTuple):
    id: str
    operator: str
    verdict: str
    terms: list[_TermTrace]


class _Best(NamedTuple):
    id: str
    fitness: float
    is_new: bool


def reflect(history: Sequence[Generation]) -> Reflection:
    """Reflects on the newest generation in the light of all.

    Args:
        history: the generations so far, at least one.

    Returns:
        The text.
    """
    newest = history[-1]
    trained = {one.candidate_id: one for one in newest.trained}
    screenings = {screening.candidate_id: screening for screening in newest.screenings}
    accounts = [_account(one, screenings[one.id], trained.get(one.id)) for one in newest.candidates]
    best = next(iter(ranked(history)), None)
    prompt = render_prompt(
        _TEMPLATE,
        generation=newest.index,
        num_trained=sum(one.judgement is not None for one in newest.trained),
        num_candidates=len(newest.candidates),
        timesteps=max((one.timesteps for one in newest.trained), default=0),
        best=best and _Best(best.candidate.id, best.fitness, best.candidate.id in trained),
        candidates=accounts,
    )
    return Reflection(text=prompt.text, prompt=prompt.template)


def _account(candidate: Candidate, screening: Screening, trained: Trained | None) -> _Account:
    return _Account(candidate.id, candidate.operator, _verdict(screening, trained), _traces(trained))


def _verdict(screening: Screening, trained: Trained | None) -> str:
    if not screening.accepted:
        return f"not trained: {screening.reason}"
    if trained is None or trained.judgement is None:
        return f"ended: {trained.failure if trained else 'not trained'}"
    judgement = trained.judgement
    success = "" if judgement.success_rate is None else f", success {judgement.success_rate:.0%}"
    dropped = f"; {trained.dropped}" if trained.dropped else ""
    return f"fitness {judgement.fitness:.3f}{success}, episodes of {judgement.episode_length:.0f} steps{dropped}"


def _traces(trained: Trained | None) -> list[_TermTrace]:
    if trained is None or not trained.curve:
        return []
    curve = trained.curve
    first, middle, last = curve[0].terms, curve[len(curve) // 2].terms, curve[-1].terms
    total = sum(abs(value) for value in last.values()) or 1.0
    return [
        _TermTrace(name, first.get(name, 0.0), middle.get(name, 0.0), value, abs(value) / total)
        for name, value in last.items()
    ]
