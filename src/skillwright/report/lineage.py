"""The family tree of the candidates: a column per generation, the best on top, an edge from each parent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from skillwright.report.candidates import CandidateRow, operator_letter
from skillwright.report.formatting import number, percent
from skillwright.rewards.records import Generation

__all__ = ["Column", "Edge", "Lineage", "Node", "draw_lineage", "summary"]

_PAGE_WIDTH: Final = 1040.0
_MIN_COLUMN_WIDTH: Final = 190.0
_HEADER_HEIGHT: Final = 58.0
_ROW_HEIGHT: Final = 25.0
_RADIUS: Final = 9.0
_LETTER_WIDTH: Final = 6.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A generation's heading."""

    x: float
    title: str
    summary: str
    """How many candidates were proposed, rejected and failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A drawn candidate."""

    candidate_id: str
    x: float
    y: float
    styles: tuple[str, ...]
    """CSS classes: its band of fitness or its fate, and ``ancestor`` on the winner's line."""
    letter: str
    """Its operator."""
    note: str
    """Its fitness, or why it was rejected or failed, short enough for the column."""
    tooltip: str
    """All of it in words."""
    reach: float
    """Where its note ends and the lines to its children begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A drawn line from a parent to its child."""

    path: str
    is_ancestry: bool
    """Whether it leads to the winner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The drawn tree; sizes in drawing units."""

    width: float
    height: float
    columns: list[Column]
    edges: list[Edge]
    """Those of the winner's line last, so that they lie on top."""
    nodes: list[Node]
    ancestors: list[str]
    """Ids on the winner's line in order of generation, the winner last."""


def draw_lineage(rows: Sequence[CandidateRow], generations: Sequence[Generation], winner: str) -> Lineage:
    """Lays the tree out.

    Args:
        rows: all candidates, best first.
        generations: the generations, first to last.
        winner: the winner's id.

    Returns:
        The drawing.
    """
    column_width = max(_PAGE_WIDTH / max(len(generations), 1), _MIN_COLUMN_WIDTH)
    ancestors = _ancestors(rows, winner)
    columns: list[Column] = []
    nodes: list[Node] = []
    for place, generation in enumerate(generations):
        members = [row for row in rows if row.candidate.generation == generation.index]
        left = place * column_width
        columns.append(Column(x=left, title=f"Generation {generation.index}", summary=summary(members)))
        for line, row in enumerate(members):
            at = (left + _RADIUS + 3, _HEADER_HEIGHT + line * _ROW_HEIGHT)
            nodes.append(_node(row, at, column_width, is_ancestor=row.candidate.id in ancestors))
    return Lineage(
        width=column_width * max(len(generations), 1),
        height=max((node.y for node in nodes), default=_HEADER_HEIGHT) + _ROW_HEIGHT,
        columns=columns,
        edges=_edges(rows, {node.candidate_id: node for node in nodes}, ancestors),
        nodes=nodes,
        ancestors=[row.candidate.id for row in sorted(rows, key=_age) if row.candidate.id in ancestors],
    )


def summary(rows: Sequence[CandidateRow]) -> str:
    """Counts what became of some candidates.

    Args:
        rows: the candidates.

    Returns:
        Such as ``16 proposed, 2 rejected, 1 failed``.
    """
    counts = {fate: sum(row.fate == fate for row in rows) for fate in ("rejected", "failed")}
    return ", ".join([f"{len(rows)} proposed", *(f"{n} {fate}" for fate, n in counts.items() if n)])


def _age(row: CandidateRow) -> tuple[int, bool]:
    return row.candidate.generation, row.fate == "winner"


def _ancestors(rows: Sequence[CandidateRow], winner: str) -> set[str]:
    parents = {row.candidate.id: row.candidate.parents for row in rows}
    found: set[str] = set()
    waiting = [winner]
    while waiting:
        name = waiting.pop()
        if name in parents and name not in found:
            found.add(name)
            waiting.extend(parents[name])
    return found


def _node(row: CandidateRow, at: tuple[float, float], column_width: float, *, is_ancestor: bool) -> Node:
    look = f"band-{row.band}" if row.band is not None else row.fate
    room = int((column_width - 5 * _RADIUS) / _LETTER_WIDTH)
    note = number(row.fitness, digits=4) if row.judgement else row.reason or row.fate
    note = note if len(note) <= room else note[: room - 1] + "…"
    styles = (look, *(["ancestor"] if is_ancestor else []), *(["is-winner"] if row.fate == "winner" else []))
    return Node(
        candidate_id=row.candidate.id,
        x=round(at[0], 1),
        y=at[1],
        styles=styles,
        letter=operator_letter(row.candidate.operator),
        note=note,
        tooltip=_tooltip(row),
        reach=round(at[0] + _RADIUS + 12 + _LETTER_WIDTH * len(note), 1),
    )


def _tooltip(row: CandidateRow) -> str:
    parents = f" of {', '.join(row.candidate.parents)}" if row.candidate.parents else ""
    words = [f"{row.candidate.id}: {row.candidate.operator}{parents}"]
    if row.judgement:
        words.append(f"fitness {number(row.fitness, digits=4)}")
    if row.judgement and row.judgement.success_rate is not None:
        words.append(f"success {percent(row.judgement.success_rate)}")
    if row.fate not in ("trained", "failed", "rejected"):
        words.append(row.fate)
    if row.reason:
        words.append(f"{row.fate}: {row.reason}")
    return "; ".join(words)


def _edges(rows: Sequence[CandidateRow], nodes: Mapping[str, Node], ancestors: set[str]) -> list[Edge]:
    edges = [
        Edge(
            path=_curve(nodes[parent], nodes[row.candidate.id]),
            is_ancestry=parent in ancestors and row.candidate.id in ancestors,
        )
        for row in rows
        for parent in row.candidate.parents
        if parent in nodes and row.candidate.id in nodes
    ]
    return sorted(edges, key=lambda edge: edge.is_ancestry)


def _curve(parent: Node, child: Node) -> str:
    """Draws from the parent's note to the child's left; within one column, around the left side."""
    if parent.x == child.x:
        start, stop, bend = parent.x - _RADIUS, child.x - _RADIUS, parent.x - 3 * _RADIUS
        return f"M{start:g} {parent.y:g}C{bend:g} {parent.y:g} {bend:g} {child.y:g} {stop:g} {child.y:g}"
    start, stop = parent.reach, child.x - _RADIUS
    middle = (start + stop) / 2
    return f"M{start:g} {parent.y:g}C{middle:g} {parent.y:g} {middle:g} {child.y:g} {stop:g} {child.y:g}"
