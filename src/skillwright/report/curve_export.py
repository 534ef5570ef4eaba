"""Exports the learning curves of a run in the format a person asks for."""

from pathlib import Path
from typing import Literal

from skillwright.core.errors import ConfigError
from skillwright.report.curve_events import has_events, write_events
from skillwright.report.curve_files import write_csv, write_parquet
from skillwright.report.curves import CurveTable

__all__ = ["CurveFormat", "choose_format", "export_curves"]

CurveFormat = Literal["csv", "parquet", "tensorboard"]
"""What curves can be written as; the first two are files, the last is a folder."""


def choose_format(path: Path) -> CurveFormat:
    """Guesses the format from a path: by its suffix; a folder, or no suffix, means TensorBoard.

    Args:
        path: where the curves go.

    Raises:
        ConfigError: the suffix is that of no format.
    """
    match path.suffix.lower():
        case _ if path.is_dir():
            return "tensorboard"
        case ".csv":
            return "csv"
        case ".parquet":
            return "parquet"
        case "" if not path.exists():
            return "tensorboard"
        case _:
            raise ConfigError(
                f"the name {path} does not tell the format; end it in .csv or .parquet, name a folder "
                "for TensorBoard, or give --format"
            )


def export_curves(table: CurveTable, path: Path, *, format: CurveFormat, overwrite: bool) -> None:
    """Writes the curves of a run.

    Args:
        table: the curves.
        path: where they go: a file, or for TensorBoard a folder.
        format: what they are written as.
        overwrite: whether an older export may be replaced.

    Raises:
        ConfigError: there is no curve, there is an older export, or the path is of the wrong kind.
        MissingExtra: what the format needs is not installed.
        StorageError: the place cannot be written.
    """
    if not table.curves:
        raise ConfigError(f"the run {table.run_id} has no learning curve: no training of its own has ended yet")
    _refuse_taken(table, path, format=format, overwrite=overwrite)
    match format:
        case "csv":
            write_csv(table, path)
        case "parquet":
            write_parquet(table, path)
        case "tensorboard":
            write_events(table, path)


def _refuse_taken(table: CurveTable, path: Path, *, format: CurveFormat, overwrite: bool) -> None:
    if format == "tensorboard":
        if path.exists() and not path.is_dir():
            raise ConfigError(f"{path} is a file; TensorBoard needs a folder")
        if not overwrite and has_events(path, table.run_id):
            raise ConfigError(f"{path / table.run_id} has learning curves already; give --force to replace them")
    elif path.is_dir():
        raise ConfigError(f"{path} is a folder; name a file in it for {format}")
    elif not overwrite and path.exists():
        raise ConfigError(f"{path} exists already; give --force to replace it")
