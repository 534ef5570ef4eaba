"""Line charts as plain inline SVG.

Drawn by hand instead of by matplotlib: a chart is 2 kB instead of 40, its colours and text follow the page's
style sheet (so dark mode, print and the reader's font size hold), and the same input gives the same bytes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from skillwright.report.axes import Axis, domain_of, make_axis
from skillwright.report.formatting import compact

__all__ = ["ChartStyle", "Line", "LineChart", "Series", "draw_lines"]

_LABEL_HEIGHT: Final = 15.0
_TOP: Final = 12.0
_BOTTOM: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values over env steps, as they are to be drawn."""

    style: str
    """CSS class of the line."""
    x: Sequence[float]
    y: Sequence[float | None]
    """None or not finite where nothing was measured: the line has a gap there."""
    label: str = ""
    """Written beside the line's end; empty: no label."""
    low: Sequence[float] = ()
    """Lower edge of a band around the line; empty: no band."""
    high: Sequence[float] = ()
    """Upper edge of the band."""

    def measured(self) -> list[tuple[float, float]]:
        """Lists the points that were measured."""
        return [(x, y) for x, y in zip(self.x, self.y, strict=True) if y is not None and math.isfinite(y)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartStyle:
    """How a chart is laid out."""

    description: str
    """What the chart shows, for people who do not see it."""
    width: float = 480.0
    height: float = 270.0
    left: float = 52.0
    """Room for the labels of the vertical axis."""
    right: float = 82.0
    """Room for the labels at the lines' ends."""
    x_domain: tuple[float, float] | None = None
    """Env steps shown; none: all."""
    y_domain: tuple[float, float] | None = None
    """Values shown; none: all."""
    y_label: Callable[[float], str] = compact
    """Writes a tick of the vertical axis."""
    num_x_ticks: int = 4
    num_y_ticks: int = 4
    fill_to_zero: bool = False
    """Whether the area between a line and zero is filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One drawn series."""

    style: str
    path: str
    """SVG path data of the line."""
    area: str
    """SVG path data of its band or area; empty: none."""
    label: str
    end: tuple[float, float]
    """Last point, in drawing units."""
    label_y: float
    """Where the label goes, moved apart from the other labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """A drawn chart, ready for the template."""

    style: ChartStyle
    x: Axis
    y: Axis
    zero: float | None
    """Height of the zero line; none if zero is outside."""
    lines: list[Line] = field(default_factory=list)


def draw_lines(series: Sequence[Series], style: ChartStyle) -> LineChart:
    """Draws series on shared axes.

    Args:
        series: what to draw, the most important last; series without any measured point are left out.
        style: how.

    Returns:
        The drawing.
    """
    shown = [one for one in series if one.measured()]
    chart = _empty_chart(shown, style)
    lines = [_draw(one, chart) for one in shown]
    return LineChart(style=style, x=chart.x, y=chart.y, zero=chart.zero, lines=_labels_apart(lines, style))


def _empty_chart(series: Sequence[Series], style: ChartStyle) -> LineChart:
    x_values = [x for one in series for x, _ in one.measured()]
    y_values = [y for one in series for _, y in one.measured()]
    y_values += [edge for one in series for edge in (*one.low, *one.high)]
    if style.fill_to_zero:
        y_values.append(0.0)
    x_domain = style.x_domain or (0.0, max(x_values, default=1.0))
    y_domain = style.y_domain or domain_of(y_values)
    x = make_axis(x_domain, (style.left, style.width - style.right), num_ticks=style.num_x_ticks)
    bottom = style.height - _BOTTOM
    y = make_axis(y_domain, (bottom, _TOP), num_ticks=style.num_y_ticks, label=style.y_label)
    return LineChart(style=style, x=x, y=y, zero=y.place(0.0) if y.low <= 0 <= y.high else None)


def _draw(series: Series, chart: LineChart) -> Line:
    points = [(chart.x.place(x), chart.y.place(y)) for x, y in series.measured()]
    return Line(
        style=series.style,
        path=_path(series, chart),
        area=_area(series, chart),
        label=series.label,
        end=points[-1],
        label_y=points[-1][1],
    )


def _path(series: Series, chart: LineChart) -> str:
    commands: list[str] = []
    pen_down = False
    for x, y in zip(series.x, series.y, strict=True):
        measured = y is not None and math.isfinite(y)
        if measured:
            assert y is not None
            commands.append(f"{'L' if pen_down else 'M'}{chart.x.place(x):g} {chart.y.place(y):g}")
        pen_down = measured
    return "".join(commands)


def _area(series: Series, chart: LineChart) -> str:
    if series.low:
        upper = list(zip(series.x, series.high, strict=True))
        lower = list(zip(series.x, series.low, strict=True))
    elif chart.style.fill_to_zero:
        upper = series.measured()
        lower = [(x, 0.0) for x, _ in upper]
    else:
        return ""
    corners = [f"{chart.x.place(x):g} {chart.y.place(y):g}" for x, y in [*upper, *reversed(lower)]]
    return "M" + "L".join(corners) + "Z"


def _labels_apart(lines: list[Line], style: ChartStyle) -> list[Line]:
    """Moves the labels at the lines' ends apart: down, then back up where they would leave the chart."""
    order = sorted((i for i, line in enumerate(lines) if line.label), key=lambda i: lines[i].end[1])
    heights: list[float] = []
    for index in order:
        heights.append(max(lines[index].end[1], heights[-1] + _LABEL_HEIGHT if heights else 0.0))
    limit = style.height - _BOTTOM
    for position in reversed(range(len(heights))):
        heights[position] = min(heights[position], limit)
        limit = heights[position] - _LABEL_HEIGHT
    moved = dict(zip(order, heights, strict=True))
    return [replace(line, label_y=round(moved.get(i, line.label_y), 1)) for i, line in enumerate(lines)]
