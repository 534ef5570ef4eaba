"""Puts into words what a generation taught: the text a proposer reads before the next one."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from skillwright.prompts import render_prompt
from skillwright.rewards.hacking import find_hack
from skillwright.rewards.proposers.view import ranked
from skillwright.rewards.records import Candidate, CurvePoint, Generation, Reflection, Screening, Trained

__all__ = ["account_of", "reflect"]

_TEMPLATE: Final = "reflection.md"
_ACCOUNT_TEMPLATE: Final = "account.md"
_NUM_POINTS: Final = 10
"""Points of a course that a proposer is shown, as in Eureka (Ma et al. 2023, arXiv:2310.12931, section 3.3)."""


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


class _Course(NamedTuple):
    """One quantity over a training."""

    name: str
    points: list[float]
    least: float
    mean: float
    most: float
    share: float | None
    """Of the sum of all terms' mean absolute contributions; none for what is no term."""


class _Best(NamedTuple):
    id: str
    fitness: float
    is_new: bool


def account_of(candidate_id: str, history: Sequence[Generation]) -> str:
    """Tells how the training of one candidate went: each term, the fitness and the episodes, at ten points in time.

    Args:
        candidate_id: the candidate.
        history: the generations so far.

    Returns:
        Markdown; empty if it was never trained.
    """
    for generation in history:
        for trained in generation.trained:
            if trained.candidate_id == candidate_id and trained.curve:
                return render_prompt(
                    _ACCOUNT_TEMPLATE,
                    timesteps=trained.timesteps,
                    courses=_courses(trained.curve),
                    hack=find_hack(trained, generation.trained),
                ).text
    return ""


def reflect(history: Sequence[Generation], note: str = "") -> Reflection:
    """Reflects on the newest generation in the light of all.

    Args:
        history: the generations so far, at least one.
        note: what a person has to say about it.

    Returns:
        The text.
    """
    newest = history[-1]
    trained = {one.candidate_id: one for one in newest.trained}
    screenings = {screening.candidate_id: screening for screening in newest.screenings}
    accounts = [_account(one, screenings[one.id], trained.get(one.id), newest) for one in newest.candidates]
    best = next(iter(ranked(history)), None)
    prompt = render_prompt(
        _TEMPLATE,
        generation=newest.index,
        num_trained=sum(one.judgement is not None for one in newest.trained),
        num_candidates=len(newest.candidates),
        timesteps=max((one.timesteps for one in newest.trained), default=0),
        best=best and _Best(best.candidate.id, best.fitness, best.candidate.id in trained),
        candidates=accounts,
        note=note,
    )
    return Reflection(text=prompt.text, prompt=prompt.template)


def _account(candidate: Candidate, screening: Screening, trained: Trained | None, generation: Generation) -> _Account:
    hack = find_hack(trained, generation.trained) if trained else ""
    verdict = "; ".join(filter(None, (_verdict(screening, trained), hack)))
    return _Account(candidate.id, candidate.operator, verdict, _traces(trained))


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


def _courses(curve: Sequence[CurvePoint]) -> list[_Course]:
    """Follows every term, the reward, the fitness and the length of episodes."""
    terms = {name: [point.terms.get(name, 0.0) for point in curve] for name in curve[-1].terms}
    total = sum(sum(map(abs, values)) for values in terms.values()) or 1.0
    courses = [_course(name, values, sum(map(abs, values)) / total) for name, values in terms.items()]
    seen = {
        "reward per step": [point.reward for point in curve],
        "fitness": [point.fitness for point in curve if point.fitness is not None],
        "success rate": [point.success_rate for point in curve if point.success_rate is not None],
        "episode length": [point.episode_length for point in curve if point.episode_length is not None],
    }
    return courses + [_course(name, values, None) for name, values in seen.items() if values]


def _course(name: str, values: Sequence[float], share: float | None) -> _Course:
    num = min(_NUM_POINTS, len(values))
    places = [round(place * (len(values) - 1) / max(1, num - 1)) for place in range(num)]
    points = [values[place] for place in places]
    return _Course(name, points, min(values), sum(values) / len(values), max(values), share)
