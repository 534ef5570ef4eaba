from collections.abc import Callable

import pytest

from skillwright.report import ReportInput
from skillwright.report.comparison import compare, whisker
from skillwright.rewards.records import EvolutionResult, Judgement


def with_reference(report: ReportInput, **changes: object) -> EvolutionResult:
    """The evolution with a reference that did as well as the winner but for some numbers."""
    reference = report.evolution.held_out.model_copy(update=changes)
    assert isinstance(reference, Judgement)
    return report.evolution.model_copy(update={"reference_held_out": reference})


def test_intervals_apart_name_the_better_reward(report: ReportInput) -> None:
    assert [verdict.outcome for verdict in compare(report.evolution).verdicts] == ["better", "better"]


def test_overlapping_intervals_are_called_open(report: ReportInput) -> None:
    comparison = compare(with_reference(report, fitness=230.0))
    assert [verdict.outcome for verdict in comparison.verdicts] == ["open", "open"]
    assert comparison.verdicts[1].detail == "236.4 against 230.0; the 95 % intervals overlap."


def test_a_better_reference_is_said_plainly(report: ReportInput) -> None:
    comparison = compare(with_reference(report, fitness=400.0, fitness_interval=(390.0, 410.0)))
    assert comparison.verdicts[1].outcome == "worse"
    assert "The reference reward is better than the evolved one by mean fitness." in comparison.summary


def test_measures_with_one_outcome_share_a_sentence(report: ReportInput) -> None:
    assert (
        compare(report.evolution).summary
        == "The evolved reward is better than the reference by success rate and mean fitness."
    )


def test_without_a_reference_there_is_nothing_to_judge(report_of: Callable[..., ReportInput]) -> None:
    comparison = compare(report_of(has_reference=False).evolution)
    assert comparison.verdicts == []
    assert [one.style for one in comparison.contenders] == ["evolved"]
    assert comparison.summary == "There is no reference reward to compare with."


def test_without_a_success_program_only_fitness_is_compared(report_of: Callable[..., ReportInput]) -> None:
    comparison = compare(report_of(has_success=False).evolution)
    assert [verdict.measure for verdict in comparison.verdicts] == ["mean fitness"]
    assert comparison.success_chart is None


def test_both_sides_are_drawn_with_a_band_over_their_seeds(report: ReportInput) -> None:
    lines = compare(report.evolution).fitness_chart.lines
    assert [line.label for line in lines] == ["reference", "evolved"]
    assert all(line.area for line in lines)


def test_an_equal_budget_is_said_once(report: ReportInput) -> None:
    assert compare(report.evolution).budget == (
        "Both rewards were trained alike: 3 seeds, 600\u202f000 env steps each."
    )


def test_a_failed_reference_is_explained(report: ReportInput) -> None:
    finals = [
        run.model_copy(update={"policy": None, "curve": [], "judgement": None, "failure": "line 3: it raised"})
        if run.candidate_id == "reference"
        else run
        for run in report.evolution.finals
    ]
    result = report.evolution.model_copy(update={"finals": finals, "reference_held_out": None})
    assert compare(result).reference_failures == ["line 3: it raised"]


def test_a_whisker_is_placed_in_percent_of_its_scale() -> None:
    mark = whisker(5.0, (2.5, 7.5), (0.0, 10.0))
    assert (mark.low, mark.value, mark.high) == pytest.approx((25.0, 50.0, 75.0))
