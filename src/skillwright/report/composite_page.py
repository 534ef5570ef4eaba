"""The report of a composite task: its plans, the skill of each part, and how far they came together."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from skillwright.agents.run_types import RunRecord
from skillwright.report.comparison import Whisker, success_whisker
from skillwright.report.documents import data_uri, render, write_page

__all__ = ["render_composite", "write_composite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What the template reads beside the run."""

    success: Whisker | None
    required: float
    """Required success rate, in percent."""
    source: str
    """The program that runs the parts."""
    links: Mapping[str, str]
    """Id of the run that made a part -> where its report lies, as seen from this one."""
    video_uri: str | None


def render_composite(record: RunRecord, source: str, video: bytes | None) -> str:
    """Builds the page. The same input gives the same text.

    Args:
        record: a run with attempts.
        source: the program that runs the parts.
        video: MP4 of one episode; none if the world cannot be drawn.
    """
    made = [part.made for attempt in record.attempts for part in attempt.parts if part.made]
    view = _View(
        success=success_whisker(record.held_out),
        required=round(100 * record.skill.evidence.required_success_rate, 2),
        source=source,
        links={run.run_id: f"../{run.skill.lineage.run_id}/report.html" for run in made},
        video_uri=data_uri(video) if video else None,
    )
    return render("composite.html.jinja", record=record, view=view)


def write_composite(record: RunRecord, source: str, path: Path) -> None:
    """Writes the page; the file appears whole or not at all.

    Args:
        record: a run with attempts.
        source: the program that runs the parts.
        path: where the file goes; an older one is replaced.

    Raises:
        StorageError: the file cannot be written.
    """
    video = record.video.read_bytes() if record.video and record.video.is_file() else None
    write_page(render_composite(record, source, video), path)
