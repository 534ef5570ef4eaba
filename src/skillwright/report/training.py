"""How training went: every candidate of each generation, and what each term of the winner contributed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from skillwright.report.axes import domain_of
from skillwright.report.candidates import CandidateRow, runs_of
from skillwright.report.formatting import percent
from skillwright.report.line_chart import ChartStyle, LineChart, Series, draw_lines
from skillwright.report.lineage import summary
from skillwright.report.markup import plain_markdown
from skillwright.rewards.records import CurvePoint, EvolutionResult, Generation, Trained

__all__ = ["GenerationView", "TermPanel", "generation_views", "term_panels"]

_IGNORED_SHARE: Final = 0.02
"""Share of the lowest points that may lie below the charts of the generations."""


_DRAWN_LAST: Final = ("ended", "other", "best", "evolved")
"""Styles of the candidates' lines, the most important last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationView:
    """One generation's training."""

    index: int
    summary: str
    fitness_chart: LineChart
    success_chart: LineChart | None
    """None if the task has no success program."""
    reflection: Markup
    """Safe HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPanel:
    """One term of the winning reward."""

    name: str
    weight: float
    share: float
    """Its part of the sum of all terms' absolute contributions, over the whole training."""
    first: float
    """Mean contribution per transition when training began."""
    last: float
    """Mean contribution per transition when training ended."""
    chart: LineChart


def generation_views(result: EvolutionResult, rows: Sequence[CandidateRow]) -> list[GenerationView]:
    """Draws the learning curves of each generation on shared axes.

    Args:
        result: the evolution.
        rows: all candidates.

    Returns:
        One view per generation.
    """
    points = [p for generation in result.generations for run in generation.trained for p in run.curve]
    fitness = [p.fitness for p in points if p.fitness is not None and math.isfinite(p.fitness)]
    timesteps = (0.0, max((float(p.timesteps) for p in points), default=1.0))
    fitness_style = ChartStyle(
        description="Mean fitness",
        x_domain=timesteps,
        y_domain=domain_of(fitness, ignored_share=_IGNORED_SHARE),
    )
    success_style = ChartStyle(description="Success rate", x_domain=timesteps, y_domain=(-0.02, 1.02), y_label=percent)
    has_success = any(p.success_rate is not None for p in points)
    return [
        GenerationView(
            index=one.index,
            summary=summary([row for row in rows if row.candidate.generation == one.index]),
            fitness_chart=_generation_chart(one, result.winner.id, lambda p: p.fitness, fitness_style),
            success_chart=_generation_chart(one, result.winner.id, lambda p: p.success_rate, success_style)
            if has_success
            else None,
            reflection=plain_markdown(one.reflection),
        )
        for one in result.generations
    ]


def term_panels(result: EvolutionResult) -> list[TermPanel]:
    """Draws what each term of the winning reward contributed while the winning policy was trained.

    Args:
        result: the evolution.

    Returns:
        A panel per term on one shared scale, the largest share first; empty without a learning curve.
    """
    runs = runs_of(result, result.winner.id)
    winning = [run for run in runs if run.policy == result.winner_policy] or runs
    curve = winning[0].curve if winning else []
    names = dict.fromkeys(name for point in curve for name in point.terms)
    columns = {name: [_finite(point.terms.get(name, 0.0)) for point in curve] for name in names}
    columns = dict(sorted(columns.items(), key=lambda item: -_size(item[1])))
    total = sum(_size(values) for values in columns.values()) or 1.0
    y_domain = domain_of([0.0, *(value for values in columns.values() for value in values)])
    return [
        TermPanel(
            name=name,
            weight=result.winner.program.weights.get(name, 1.0),
            share=_size(values) / total,
            first=values[0],
            last=values[-1],
            chart=_term_chart(name, [point.timesteps for point in curve], values, y_domain),
        )
        for name, values in columns.items()
    ]


def _generation_chart(
    generation: Generation, winner: str, measure: Callable[[CurvePoint], float | None], style: ChartStyle
) -> LineChart:
    described = replace(
        style,
        description=f"{style.description} over env steps in training, "
        f"one line per candidate of generation {generation.index}.",
    )
    best = _best(generation)
    lines = [_candidate_line(run, winner=winner, best=best, measure=measure) for run in generation.trained]
    return draw_lines(sorted(lines, key=lambda line: _DRAWN_LAST.index(line.style)), described)


def _best(generation: Generation) -> str | None:
    """Finds the candidate whose policy did best on the selection seeds."""
    judged = [(run.judgement.fitness, run.candidate_id) for run in generation.trained if run.judgement]
    return max(judged)[1] if judged else None


def _candidate_line(
    run: Trained, *, winner: str, best: str | None, measure: Callable[[CurvePoint], float | None]
) -> Series:
    style = "ended" if run.policy is None else "other"
    if run.candidate_id == best:
        style = "best"
    if run.candidate_id == winner:
        style = "evolved"
    return Series(
        style=style,
        label=run.candidate_id if style in ("best", "evolved") else "",
        x=[point.timesteps for point in run.curve],
        y=[measure(point) for point in run.curve],
    )


def _term_chart(name: str, timesteps: list[int], values: list[float], y_domain: tuple[float, float]) -> LineChart:
    style = ChartStyle(
        description=f"Mean contribution of the term {name} per transition, over env steps in training.",
        width=300.0,
        height=150.0,
        right=14.0,
        y_domain=y_domain,
        num_x_ticks=3,
        num_y_ticks=3,
        fill_to_zero=True,
    )
    return draw_lines([Series(style="term", x=timesteps, y=values)], style)


def _size(values: list[float]) -> float:
    return sum(abs(value) for value in values)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0
