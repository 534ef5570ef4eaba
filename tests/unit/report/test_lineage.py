from collections.abc import Callable
from itertools import pairwise

from skillwright.report import ReportInput
from skillwright.report.candidates import candidate_rows
from skillwright.report.lineage import Lineage, draw_lineage


def drawn(report: ReportInput) -> Lineage:
    result = report.evolution
    return draw_lineage(candidate_rows(result), result.generations, result.winner.id)


def test_there_is_a_node_per_candidate_and_none_lie_on_each_other(report: ReportInput) -> None:
    places = {(node.x, node.y) for node in drawn(report).nodes}
    assert len(places) == 48


def test_there_is_an_edge_per_parent(report: ReportInput) -> None:
    candidates = [c for generation in report.evolution.generations for c in generation.candidates]
    assert len(drawn(report).edges) == sum(len(c.parents) for c in candidates)


def test_the_winners_line_ends_with_the_winner_and_begins_in_the_first_generation(
    report: ReportInput,
) -> None:
    ancestors = drawn(report).ancestors
    assert ancestors[-1] == report.evolution.winner.id
    assert ancestors[0].startswith("g0-")


def test_only_the_winners_line_is_highlighted(report: ReportInput) -> None:
    tree = drawn(report)
    highlighted = {node.candidate_id for node in tree.nodes if "ancestor" in node.styles}
    assert highlighted == set(tree.ancestors)
    assert any(edge.is_ancestry for edge in tree.edges)


def test_a_rejected_candidate_shows_its_reason(report: ReportInput) -> None:
    node = next(node for node in drawn(report).nodes if node.candidate_id == "g1-c3")
    assert "rejected" in node.styles
    assert node.note.startswith("behaves like g0-c1")
    assert node.tooltip.endswith("(rank correlation 0.998)")


def test_a_winner_of_the_first_generation_is_its_own_line(report_of: Callable[..., ReportInput]) -> None:
    report = report_of(winner_generation=0)
    assert drawn(report).ancestors == [report.evolution.winner.id]


def test_many_generations_keep_their_columns_wide(report_of: Callable[..., ReportInput]) -> None:
    columns = drawn(report_of(num_generations=9, num_candidates=12)).columns
    assert min(b.x - a.x for a, b in pairwise(columns)) >= 190
