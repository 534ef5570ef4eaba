"""Writes learning curves as one file: CSV or Parquet."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from skillwright.core.errors import MissingExtra, storage_errors
from skillwright.report.curves import CurveTable

if TYPE_CHECKING:
    import pyarrow

__all__ = ["write_csv", "write_parquet"]


def write_csv(table: CurveTable, path: Path) -> None:
    """Writes a CSV file in UTF-8 with a header; a missing value is empty, numbers are exact.

    Args:
        table: the curves.
        path: where the file goes; an older one is replaced.

    Raises:
        StorageError: the file cannot be written.
    """
    columns = table.columns()
    with _replacing(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def write_parquet(table: CurveTable, path: Path) -> None:
    """Writes a Parquet file; a missing value is null.

    Args:
        table: the curves.
        path: where the file goes; an older one is replaced.

    Raises:
        MissingExtra: pyarrow is not installed.
        StorageError: the file cannot be written.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra("pyarrow", "curves") from error
    columns = {name: pyarrow.array(values, _type_of(name)) for name, values in table.columns().items()}
    with _replacing(path) as unfinished:
        parquet.write_table(pyarrow.table(columns), str(unfinished))


def _type_of(column: str) -> "pyarrow.DataType":
    import pyarrow

    match column:
        case "run_id" | "stage" | "candidate_id":
            return pyarrow.string()
        case "seed" | "timesteps":
            return pyarrow.int64()
        case _:
            return pyarrow.float64()


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Gives a place to write to that takes the file's own only once it is whole."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield unfinished
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
