"""What is left of a finished run for a person: its report and its film, beside each other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from skillwright.agents.run_types import ModelUse, Part, RunRecord
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.home import Home
from skillwright.report.composite_page import write_composite
from skillwright.report.page import ReportInput, write_report
from skillwright.rewards.records import Judgement
from skillwright.skills.skill import Skill

__all__ = ["RunResult", "report_run"]

_REPORT: Final = "report.html"
_VIDEO: Final = "skill.mp4"


class PartResult(NamedTuple):
    """One part of a composite task."""

    text: str
    skill: str
    """``name@version``."""
    task: str
    """Name of the card's task that judges it."""
    success_rate: float | None
    """Alone, on held-out episodes."""
    made_in: str | None
    """Id of the run that made it within this one; none if the library had it."""
    timesteps: int
    """Env steps that this took; 0 if the library had it."""


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
    parts: tuple[PartResult, ...] = ()
    """Of a composite task, in the order in which they act."""


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
    elif record.attempts:
        _report_parts(home, record)
        write_composite(record, ArtifactStore(home.artifacts).get(record.skill.policy).decode(), report)
    return RunResult(
        run_id=record.run_id,
        skill=record.skill,
        reused=record.is_reused,
        held_out=record.held_out,
        wall_time_s=record.wall_time_s,
        models=record.models,
        report=report if report.is_file() else None,
        video=video,
        parts=tuple(_part(part) for part in record.parts),
    )


def _part(part: Part) -> PartResult:
    evidence = part.skill.evidence
    return PartResult(
        text=part.sub_task.text,
        skill=part.skill.reference,
        task=part.skill.task,
        success_rate=evidence.success_rate,
        made_in=part.made.run_id if part.made else None,
        timesteps=evidence.training_timesteps if part.made else 0,
    )


def _report_parts(home: Home, record: RunRecord) -> None:
    """Writes the report of every run that made a part."""
    for part in (part for attempt in record.attempts for part in attempt.parts):
        if part.made:
            report_run(home, part.made)


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
