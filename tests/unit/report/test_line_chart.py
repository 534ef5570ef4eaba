from itertools import pairwise

from skillwright.report.line_chart import ChartStyle, Series, draw_lines

STYLE = ChartStyle(description="a chart")


def series(*values: float | None, label: str = "") -> Series:
    return Series(style="other", x=range(len(values)), y=values, label=label)


def test_a_line_has_a_gap_where_nothing_was_measured() -> None:
    chart = draw_lines([series(1.0, 2.0, None, 3.0, float("nan"), 4.0)], STYLE)
    assert chart.lines[0].path.count("M") == 3


def test_a_series_without_any_measured_point_is_left_out() -> None:
    chart = draw_lines([series(None, None), series(1.0, 2.0)], STYLE)
    assert len(chart.lines) == 1


def test_a_chart_of_nothing_still_has_axes() -> None:
    chart = draw_lines([], STYLE)
    assert chart.lines == []
    assert chart.x.ticks and chart.y.ticks


def test_labels_of_lines_that_end_together_do_not_overlap_and_stay_inside() -> None:
    chart = draw_lines([series(0.0, -5.0 - i / 100, label=f"line {i}") for i in range(6)], STYLE)
    heights = sorted(line.label_y for line in chart.lines)
    assert all(below - above >= 14.9 for above, below in pairwise(heights))
    assert heights[-1] <= STYLE.height
    assert heights[0] >= 0.0


def test_a_filled_line_reaches_down_to_zero() -> None:
    chart = draw_lines([series(2.0, 3.0)], ChartStyle(description="", fill_to_zero=True))
    assert chart.zero is not None
    assert f" {chart.zero:g}Z" in chart.lines[0].area
