"""The evolved reward beside the reference reward: same budget, same held-out worlds, and a plain verdict."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.report.axes import domain_of
from skillwright.report.candidates import runs_of
from skillwright.report.formatting import decimals_of, fixed, grouped, percent
from skillwright.report.line_chart import ChartStyle, LineChart, Series, draw_lines
from skillwright.rewards.records import REFERENCE, CurvePoint, EvolutionResult, Judgement, Trained

__all__ = [
    "Comparison",
    "Contender",
    "Outcome",
    "Verdict",
    "Whisker",
    "compare",
    "success_whisker",
    "whisker",
]

Outcome = Literal["better", "worse", "open"]
"""Seen from the evolved reward; ``open``: the intervals overlap."""

_HEADLINES: Final[dict[Outcome, str]] = {
    "better": "The evolved reward is better than the reference by {}",
    "worse": "The reference reward is better than the evolved one by {}",
    "open": "Neither the evolved nor the reference reward is shown to be better by {}",
}

_FULL_SCALE: Final = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """A value with its interval on a shared scale; positions in percent of the scale."""

    low: float
    value: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One side of the comparison."""

    label: str
    style: str
    """CSS class, the same as that of its lines."""
    judgement: Judgement
    """On the held-out seeds."""
    success: Whisker | None
    """None if the task has no success program."""
    fitness: Whisker


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Which side is better by one measure."""

    outcome: Outcome
    measure: str
    detail: str

    @property
    def headline(self) -> str:
        """The verdict in a sentence without its full stop."""
        return _HEADLINES[self.outcome].format(self.measure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the report shows side by side."""

    contenders: list[Contender]
    """The evolved reward, and the reference where there is one."""
    verdicts: list[Verdict]
    """One per measure; empty without a reference."""
    summary: str
    """The verdicts in one sentence."""
    budget: str
    """In words: how much training stands behind the curves."""
    reference_failures: list[str]
    """Why trainings of the reference failed."""
    fitness_chart: LineChart
    success_chart: LineChart | None
    """None if the task has no success program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    label: str
    style: str
    runs: list[Trained]


class _Curve(NamedTuple):
    timesteps: NDArray[np.float64]
    values: NDArray[np.float64]


def compare(result: EvolutionResult) -> Comparison:
    """Sets the winner against the reference.

    Args:
        result: the evolution.

    Returns:
        The comparison; without a reference it holds the winner alone.
    """
    evolved = _Side(label="evolved", style="evolved", runs=runs_of(result, result.winner.id))
    reference = _Side(label=REFERENCE, style=REFERENCE, runs=runs_of(result, REFERENCE))
    failures = {run.failure for run in result.finals if run.candidate_id == REFERENCE and run.failure}
    verdicts = _verdicts(result.held_out, result.reference_held_out)
    return Comparison(
        contenders=_contenders(result),
        verdicts=verdicts,
        summary=_summary(verdicts),
        budget=_budgets(evolved, reference),
        reference_failures=sorted(failures),
        fitness_chart=_fitness_chart([reference, evolved]),
        success_chart=_success_chart([reference, evolved]),
    )


def whisker(value: float, bounds: tuple[float, float], scale: tuple[float, float] = _FULL_SCALE) -> Whisker:
    """Places a value and its interval on a scale.

    Args:
        value: the value.
        bounds: its interval.
        scale: lowest and highest value of the scale.
    """
    width = scale[1] - scale[0]
    low, middle, high = (round(100 * (v - scale[0]) / width, 2) for v in (bounds[0], value, bounds[1]))
    return Whisker(low=low, value=middle, high=high)


def _contenders(result: EvolutionResult) -> list[Contender]:
    judged = [("Evolved reward", "evolved", result.held_out)]
    if result.reference_held_out is not None:
        judged.append(("Reference reward", REFERENCE, result.reference_held_out))
    scale = domain_of([edge for *_, one in judged for edge in (*one.fitness_interval, one.fitness)])
    return [
        Contender(
            label=label,
            style=style,
            judgement=one,
            success=success_whisker(one),
            fitness=whisker(one.fitness, one.fitness_interval, scale),
        )
        for label, style, one in judged
    ]


def success_whisker(judgement: Judgement) -> Whisker | None:
    """Places a success rate between 0 and 100 %.

    Args:
        judgement: how a policy did.

    Returns:
        None if the task has no success program.
    """
    rate, bounds = judgement.success_rate, judgement.success_interval
    return None if rate is None or bounds is None else whisker(rate, bounds)


def _verdicts(evolved: Judgement, reference: Judgement | None) -> list[Verdict]:
    if reference is None:
        return []
    verdicts = []
    if evolved.success_interval and reference.success_interval:
        values = f"{percent(evolved.success_rate)} against {percent(reference.success_rate)}"
        verdicts.append(_verdict("success rate", values, evolved.success_interval, reference.success_interval))
    decimals = decimals_of([evolved.fitness, reference.fitness])
    values = f"{fixed(evolved.fitness, decimals)} against {fixed(reference.fitness, decimals)}"
    verdicts.append(_verdict("mean fitness", values, evolved.fitness_interval, reference.fitness_interval))
    return verdicts


def _verdict(measure: str, values: str, evolved: tuple[float, float], reference: tuple[float, float]) -> Verdict:
    if evolved[0] > reference[1]:
        outcome: Outcome = "better"
    else:
        outcome = "worse" if evolved[1] < reference[0] else "open"
    relation = "overlap" if outcome == "open" else "do not overlap"
    return Verdict(outcome=outcome, measure=measure, detail=f"{values}; the 95 % intervals {relation}.")


def _summary(verdicts: Sequence[Verdict]) -> str:
    """Joins the measures that have the same outcome."""
    measures: dict[Outcome, list[str]] = {}
    for verdict in verdicts:
        measures.setdefault(verdict.outcome, []).append(verdict.measure)
    said = [f"{_HEADLINES[outcome].format(' and '.join(names))}." for outcome, names in measures.items()]
    return " ".join(said) or "There is no reference reward to compare with."


def _budgets(*sides: _Side) -> str:
    budgets = {side.label: _budget(side.runs) for side in sides if side.runs}
    if len(budgets) > 1 and len(set(budgets.values())) == 1:
        return f"Both rewards were trained alike: {budgets[REFERENCE]}."
    return " ".join(f"The {label} reward was trained with {budget}." for label, budget in budgets.items())


def _budget(runs: Sequence[Trained]) -> str:
    steps = sorted(run.timesteps for run in runs)
    span = " to ".join(grouped(count) for count in dict.fromkeys((steps[0], steps[-1])))
    return f"{len(runs)} {'seed' if len(runs) == 1 else 'seeds'}, {span} env steps each"


def _fitness_chart(sides: Sequence[_Side]) -> LineChart:
    series = [_mean_curve(side, lambda point: point.fitness) for side in sides]
    style = ChartStyle(description=_described("Mean fitness", sides))
    return draw_lines([one for one in series if one is not None], style)


def _success_chart(sides: Sequence[_Side]) -> LineChart | None:
    series = [_mean_curve(side, lambda point: point.success_rate) for side in sides]
    measured = [one for one in series if one is not None]
    style = ChartStyle(description=_described("Success rate", sides), y_domain=(-0.02, 1.02), y_label=percent)
    return draw_lines(measured, style) if measured else None


def _described(measure: str, sides: Sequence[_Side]) -> str:
    names = " and the ".join(f"{side.label} reward" for side in sides if side.runs)
    return f"{measure} over env steps in training with the {names}: mean over seeds, with the range of seeds."


def _mean_curve(side: _Side, measure: Callable[[CurvePoint], float | None]) -> Series | None:
    """Averages a side's runs where all were measured; the band spans the lowest and the highest run."""
    curves = [curve for run in side.runs if len((curve := _measured(run, measure)).timesteps)]
    if not curves:
        return None
    first, last = max(c.timesteps[0] for c in curves), min(c.timesteps[-1] for c in curves)
    if first > last:
        curves = [max(curves, key=lambda curve: len(curve.timesteps))]
        first, last = curves[0].timesteps[0], curves[0].timesteps[-1]
    grid = np.unique(np.concatenate([curve.timesteps for curve in curves]))
    grid = grid[(grid >= first) & (grid <= last)]
    values = np.array([np.interp(grid, curve.timesteps, curve.values) for curve in curves])
    is_band = len(curves) > 1
    return Series(
        style=side.style,
        label=side.label,
        x=grid.tolist(),
        y=values.mean(0).tolist(),
        low=values.min(0).tolist() if is_band else (),
        high=values.max(0).tolist() if is_band else (),
    )


def _measured(run: Trained, measure: Callable[[CurvePoint], float | None]) -> _Curve:
    points = [(point.timesteps, value) for point in run.curve if (value := measure(point)) is not None]
    finite = [(timesteps, value) for timesteps, value in points if math.isfinite(value)]
    return _Curve(*np.array(finite, np.float64).reshape(-1, 2).T)
