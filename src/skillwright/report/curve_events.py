"""Writes learning curves as TensorBoard reads them: an event file per curve, in a folder of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from skillwright.core.errors import MissingExtra, storage_errors
from skillwright.report.curves import MEASURES, CurveTable, LearningCurve
from skillwright.rewards.records import CurvePoint

if TYPE_CHECKING:
    from tensorboard.summary import Writer

__all__ = ["has_events", "write_events"]

_EVENT_FILES: Final = "events.out.tfevents.*"


def has_events(folder: Path, run_id: str) -> bool:
    """Says whether curves of a run were written into a folder before.

    Args:
        folder: what TensorBoard is pointed at.
        run_id: id of the run.
    """
    return any((folder / run_id).rglob(_EVENT_FILES))


def write_events(table: CurveTable, folder: Path) -> None:
    """Writes each curve below ``RUN_ID/STAGE/CANDIDATE/seed-SEED``; event files of the run that lie there go first.

    Args:
        table: the curves. Their x axis is env steps; when a point was measured is not known.
        folder: what TensorBoard is to be pointed at; it may hold other runs.

    Raises:
        MissingExtra: TensorBoard is not installed.
        StorageError: the folder cannot be written.
    """
    try:
        from tensorboard.summary import Writer
    except ImportError as error:
        raise MissingExtra("tensorboard", "curves") from error
    place = folder / table.run_id
    with storage_errors(place):
        for old in place.rglob(_EVENT_FILES):
            old.unlink()
        for curve in table.curves:
            writer = Writer(str(place / curve.stage / curve.candidate_id / f"seed-{curve.seed}"))
            _write_curve(writer, curve)
            writer.close()


def _write_curve(writer: "Writer", curve: LearningCurve) -> None:
    for point in curve.points:
        for tag, value in _scalars(point).items():
            if value is not None:
                writer.add_scalar(tag, value, point.timesteps)


def _scalars(point: CurvePoint) -> Mapping[str, float | None]:
    measures = {name: getattr(point, name) for name in MEASURES}
    return measures | {f"terms/{name}": value for name, value in point.terms.items()}
