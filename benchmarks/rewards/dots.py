"""Means with their intervals as dots with whiskers: one panel per task, as plain SVG that follows light and dark."""

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from benchmarks.rewards.scores import Estimate
from skillwright.report.axes import Axis, domain_of, make_axis

__all__ = ["Panel", "Row", "draw"]

_WIDTH: Final = 420.0
_LEFT: Final = 132.0
_RIGHT: Final = 16.0
_HEAD: Final = 30.0
_ROW: Final = 20.0
_FOOT: Final = 30.0
_COLUMNS: Final = 2
_STYLE: Final = """\
text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600}.tick{font-size:11px;fill:#666}
line{stroke:#1f6feb;stroke-width:2}circle{fill:#1f6feb}.grid{stroke:#ddd;stroke-width:1}
.mark{stroke:#999;stroke-width:1;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){text{fill:#ddd}.tick{fill:#aaa}.grid{stroke:#444}line{stroke:#58a6ff}
circle{fill:#58a6ff}.mark{stroke:#888}}"""


class Row(NamedTuple):
    """One dot."""

    name: str
    value: Estimate


class Panel(NamedTuple):
    """One picture among several."""

    title: str
    rows: Sequence[Row]
    mark: float | None
    """Where a dashed line stands; none: nowhere."""

    @property
    def height(self) -> float:
        """In drawing units."""
        return _HEAD + _ROW * len(self.rows) + _FOOT


def draw(panels: Sequence[Panel], description: str) -> str:
    """Draws panels side by side.

    Args:
        panels: at least one, each with at least one row.
        description: what they show, for people who do not see them.

    Returns:
        An SVG file.
    """
    parts, top = list[str](), 0.0
    for first in range(0, len(panels), _COLUMNS):
        line = panels[first : first + _COLUMNS]
        for column, panel in enumerate(line):
            parts.append(f'<g transform="translate({column * _WIDTH:g} {top:g})">{_panel(panel)}</g>')
        top += max(panel.height for panel in line)
    width = _WIDTH * min(_COLUMNS, len(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {top:g}" width="{width:g}" role="img" '
        f'aria-label="{escape(description)}">\n<style>{_STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(panel: Panel) -> str:
    values = [edge for row in panel.rows for edge in row.value]
    values += [] if panel.mark is None else [panel.mark]
    axis = make_axis(domain_of(values), (_LEFT, _WIDTH - _RIGHT))
    bottom = _HEAD + _ROW * len(panel.rows)
    parts = [f'<text class="title" x="8" y="18">{escape(panel.title)}</text>']
    for tick in axis.ticks:
        parts.append(_vertical("grid", tick.position, bottom))
        parts.append(
            f'<text class="tick" x="{tick.position:g}" y="{bottom + 16:g}" text-anchor="middle">{tick.label}</text>'
        )
    if panel.mark is not None:
        parts.append(_vertical("mark", axis.place(panel.mark), bottom))
    parts += [_row(row, axis, _HEAD + _ROW * (number + 0.5)) for number, row in enumerate(panel.rows)]
    return "".join(parts)


def _row(row: Row, axis: Axis, y: float) -> str:
    mean, low, high = (axis.place(value) for value in row.value)
    return (
        f'<text x="{_LEFT - 8:g}" y="{y + 4:g}" text-anchor="end">{escape(row.name)}</text>'
        f'<line x1="{low:g}" y1="{y:g}" x2="{high:g}" y2="{y:g}"/><circle cx="{mean:g}" cy="{y:g}" r="4"/>'
    )


def _vertical(style: str, x: float, bottom: float) -> str:
    return f'<line class="{style}" x1="{x:g}" y1="{_HEAD:g}" x2="{x:g}" y2="{bottom:g}"/>'
