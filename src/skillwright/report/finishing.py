"""What is left of a finished run for a person: its report and its film, beside each other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skillwright.agents.run_types import ModelUse, RunRecord
from skillwright.core.home import Home
from skillwright.report.page import ReportInput, write_report
from skillwright.rewards.records import Judgement
from skillwright.skills.skill import Skill

__all__ = ["RunResult", "report_run"]

_REPORT: Final = "report.html"
_VIDEO: Final = "skill.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What every face shows of a finished run."""

    run_id: str
    skill: Skill
    """What was stored in the library, or taken from it."""
    reused: bool
    """Whether the library already had the skill."""
    held_out: Judgement
    wall_time_s: float
    """Seconds of work, over all sittings of the run."""
    models: tuple[ModelUse, ...]
    """What each language model was asked for, and what it cost."""
    report: Path | None
    """The HTML report; none if the skill was reused and the run that made it left none."""
    video: Path | None
    """The mp4 of the skill; none if the world cannot be drawn."""


def report_run(home: Home, record: RunRecord) -> RunResult:
    """Writes the report of a finished run; a run that reused a skill has that of the run which made it.

    Args:
        home: the home folder.
        record: the run.

    Raises:
        StorageError: the report cannot be written.
    """
    folder = home.runs / record.skill.lineage.run_id
    report, named_video = folder / _REPORT, folder / _VIDEO
    video = named_video if named_video.is_file() else record.video
    if record.evolution is not None:
        write_report(_input(record, video), report)
    return RunResult(
        run_id=record.run_id,
        skill=record.skill,
        reused=record.evolution is None,
        held_out=record.held_out,
        wall_time_s=record.wall_time_s,
        models=record.models,
        report=report if report.is_file() else None,
        video=video,
    )


def _input(record: RunRecord, video: Path | None) -> ReportInput:
    assert record.evolution is not None
    return ReportInput(
        plan=record.plan,
        request=record.request,
        card=record.card,
        task_name=record.task_name,
        evolution=record.evolution,
        skill=record.skill,
        reference_source=record.reference_source,
        video=video.read_bytes() if video else None,
        wall_time_s=record.wall_time_s,
        notes=record.notes,
        versions=record.versions,
        video_place=video.name if video else None,
    )
