from collections.abc import Callable

import pytest

from skillwright.report import ReportInput
from skillwright.report.candidates import candidate_rows
from skillwright.report.training import GenerationView, generation_views, term_panels


def views(report: ReportInput) -> list[GenerationView]:
    return generation_views(report.evolution, candidate_rows(report.evolution))


def test_every_candidate_with_a_curve_is_drawn(report: ReportInput) -> None:
    assert [len(view.fitness_chart.lines) for view in views(report)] == [13, 13, 13]


def test_all_generations_share_their_axes(report: ReportInput) -> None:
    assert len({view.fitness_chart.y for view in views(report)}) == 1


def test_the_winner_is_drawn_on_top_and_named(report: ReportInput) -> None:
    top = views(report)[report.evolution.winner.generation].fitness_chart.lines[-1]
    assert (top.style, top.label) == ("evolved", report.evolution.winner.id)


def test_a_task_without_success_program_has_no_success_chart(report_of: Callable[..., ReportInput]) -> None:
    assert views(report_of(has_success=False))[0].success_chart is None


def test_the_terms_shares_add_up_and_fall(report: ReportInput) -> None:
    shares = [panel.share for panel in term_panels(report.evolution)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)


def test_a_terms_weight_is_the_winners(report: ReportInput) -> None:
    weights = {panel.name: panel.weight for panel in term_panels(report.evolution)}
    assert weights == report.evolution.winner.program.weights


def test_a_winner_without_a_curve_has_no_panels(report: ReportInput) -> None:
    generations = [one.model_copy(update={"trained": []}) for one in report.evolution.generations]
    result = report.evolution.model_copy(update={"generations": generations, "finals": []})
    assert term_panels(result) == []
