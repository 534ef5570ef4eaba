from collections.abc import Callable

from skillwright.report import ReportInput
from skillwright.report.candidates import NUM_BANDS, candidate_rows, runs_of


def test_every_candidate_has_one_row(report: ReportInput) -> None:
    rows = candidate_rows(report.evolution)
    proposed = [c.id for generation in report.evolution.generations for c in generation.candidates]
    assert sorted(row.candidate.id for row in rows) == sorted(proposed)


def test_rows_come_ranked_then_failed_then_rejected(report: ReportInput) -> None:
    fates = [row.fate for row in candidate_rows(report.evolution)]
    assert fates[0] == "winner"
    assert fates[-9:] == ["failed"] * 3 + ["rejected"] * 6
    assert set(fates[3:-9]) == {"trained"}


def test_a_refused_candidate_says_why(report: ReportInput) -> None:
    reasons = {row.candidate.id: row.reason for row in candidate_rows(report.evolution)}
    assert "no field 'altitude'" in reasons["g0-c11"]
    assert "not finite" in reasons["g0-c7"]


def test_each_order_places_every_row_once(report: ReportInput) -> None:
    rows = candidate_rows(report.evolution)
    for name in rows[0].order:
        assert sorted(row.order[name] for row in rows) == list(range(len(rows)))


def test_the_order_by_fitness_falls(report: ReportInput) -> None:
    rows = sorted(candidate_rows(report.evolution), key=lambda row: row.order["fitness"])
    measured = [row.fitness for row in rows if row.fitness is not None]
    assert measured == sorted(measured, reverse=True)
    assert rows[-1].fitness is None


def test_bands_split_the_judged_candidates_evenly(report: ReportInput) -> None:
    bands = [row.band for row in candidate_rows(report.evolution) if row.band is not None]
    sizes = [bands.count(band) for band in range(NUM_BANDS)]
    assert sum(sizes) == 39
    assert max(sizes) - min(sizes) <= 1


def test_the_runs_of_a_finalist_are_its_finals(report: ReportInput) -> None:
    runs = runs_of(report.evolution, report.evolution.winner.id)
    assert [run.seed for run in runs] == [101, 102, 103]


def test_the_runs_of_others_are_from_the_search(report: ReportInput) -> None:
    last = report.evolution.ranking[-1]
    assert [run.seed for run in runs_of(report.evolution, last)] == [1]


def test_a_candidate_that_was_never_trained_has_no_runs(report_of: Callable[..., ReportInput]) -> None:
    assert runs_of(report_of(has_reference=False).evolution, "reference") == []
