"""One static HTML file that shows a run whole: no script, no network, nothing beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from skillwright.agents.run_types import Plan, RunRequest
from skillwright.envs.card import EnvCard, TaskSpec
from skillwright.report import formatting
from skillwright.report.candidates import CandidateRow, candidate_rows, operator_letter
from skillwright.report.comparison import Comparison, Whisker, compare, success_whisker
from skillwright.report.documents import data_uri, render, write_page
from skillwright.report.lineage import Lineage, draw_lineage
from skillwright.report.training import GenerationView, TermPanel, generation_views, term_panels
from skillwright.rewards.records import EvolutionResult
from skillwright.skills.skill import Skill

__all__ = ["ReportInput", "render_report", "write_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """Everything a report shows."""

    plan: Plan
    request: RunRequest
    card: EnvCard
    """The world."""
    task_name: str
    """Name of the card's task that was solved."""
    evolution: EvolutionResult
    skill: Skill
    """What was stored in the library."""
    reference_source: str | None
    """Source of the card's own reward program; none if the task has none."""
    video: bytes | None
    """MP4 of one episode; none if the world cannot be drawn."""
    wall_time_s: float
    """Seconds of work, over all sittings of the run."""
    notes: tuple[str, ...] | list[str] = ()
    """What the reader should know first, such as which planner, proposer and model were in use."""
    versions: Mapping[str, str]
    """Version of each piece of software that made the result."""
    video_place: str | None = None
    """Where the video lies as a file, as the reader would look for it; none: only in the library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What the template reads beside the input."""

    task: TaskSpec
    success: Whisker | None
    decimals: int
    """Digits right of the point of every fitness."""
    required: float
    """Required success rate, in percent."""
    comparison: Comparison
    rows: list[CandidateRow]
    lineage: Lineage
    operator_letters: dict[str, str]
    """The letter of each operator in the lineage."""
    generations: list[GenerationView]
    terms: list[TermPanel]
    video_uri: str | None


def render_report(report: ReportInput) -> str:
    """Builds the page. The same input gives the same text.

    Args:
        report: what it shows. All text in it may come from anyone: it arrives in the page as text.

    Returns:
        A whole HTML document.
    """
    return render("report.html.jinja", report=report, view=_view(report))


def write_report(report: ReportInput, path: Path) -> None:
    """Writes the page; the file appears whole or not at all.

    Args:
        report: what it shows.
        path: where the file goes; an older one is replaced.

    Raises:
        StorageError: the file cannot be written.
    """
    write_page(render_report(report), path)


def _view(report: ReportInput) -> _View:
    result = report.evolution
    rows = candidate_rows(result)
    return _View(
        task=report.card.tasks[report.task_name],
        success=success_whisker(result.held_out),
        decimals=formatting.decimals_of(_all_fitness(report)),
        required=round(100 * report.skill.evidence.required_success_rate, 2),
        comparison=compare(result),
        rows=rows,
        lineage=draw_lineage(rows, result.generations, result.winner.id),
        operator_letters={row.candidate.operator: operator_letter(row.candidate.operator) for row in rows},
        generations=generation_views(result, rows),
        terms=term_panels(result),
        video_uri=data_uri(report.video) if report.video else None,
    )


def _all_fitness(report: ReportInput) -> list[float]:
    result = report.evolution
    runs = [*result.finals, *(run for generation in result.generations for run in generation.trained)]
    return [result.held_out.fitness, *(run.judgement.fitness for run in runs if run.judgement)]
