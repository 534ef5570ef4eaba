"""Writes spans and lines of logs as JSON, one object per line."""

import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from skillwright.core.errors import StorageError
from skillwright.core.tracing import LogRecord, SpanRecord, current_ids, send_log
from skillwright.core.tracing_records import cleaned_text

__all__ = ["STDERR", "JsonLines", "LogHandler"]

STDERR: Final = "-"
"""Stands for standard error where a file can be named."""


class JsonLines:
    """Writes to a file, whole lines at a time, so that several processes may share it; an old file is added to.

    Args:
        place: the file, or ``-`` for standard error.

    Raises:
        StorageError: the file cannot be written.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._is_broken = False
        self._file = None if place == STDERR else _opened(Path(place))

    def span(self, record: SpanRecord) -> None:
        """Writes a span; see ``Sink.span``."""
        error = {"type": record.error_type, "message": record.error_message} if record.status == "error" else None
        self._write(
            {
                "kind": "span",
                "time": _as_text(record.start_ns),
                "name": record.name,
                "trace_id": record.trace_id,
                "span_id": record.span_id,
                "parent_id": record.parent_id,
                "duration_s": round(record.duration_s, 6),
                "status": record.status,
                "error": error,
                "attributes": dict(record.attributes),
            }
        )

    def log(self, record: LogRecord) -> None:
        """Writes a line of a log; see ``Sink.log``."""
        self._write(
            {
                "kind": "log",
                "time": _as_text(record.time_ns),
                "level": record.level,
                "logger": record.logger,
                "message": record.message,
                "trace_id": record.trace_id,
                "span_id": record.span_id,
            }
        )

    def close(self) -> None:
        """Closes the file; standard error stays open."""
        if self._file:
            self._file.close()

    def _write(self, fields: Mapping[str, object]) -> None:
        """Writes a line at once; the first line that cannot be written is the last that is tried."""
        line = json.dumps(fields, allow_nan=False) + "\n"
        with self._lock:
            if self._is_broken:
                return
            try:
                if self._file:
                    self._file.write(line.encode())
                else:
                    sys.stderr.write(line)
            except (OSError, ValueError) as error:
                self._is_broken = True
                print(f"no more is written to {self._place}: {error}", file=sys.stderr)


class LogHandler(logging.Handler):
    """Passes what the package and its plugins log, from ``INFO`` on, on to the sinks; a context manager."""

    def __init__(self) -> None:
        super().__init__()
        self._logger = logging.getLogger("skillwright")
        self._old_level = self._logger.level

    def emit(self, record: logging.LogRecord) -> None:
        """Passes a line on."""
        trace_id, span_id = current_ids()
        send_log(
            LogRecord(
                time_ns=int(record.created * 1e9),
                level=record.levelname,
                logger=record.name,
                message=cleaned_text(record.getMessage()),
                trace_id=trace_id,
                span_id=span_id,
            )
        )

    def __enter__(self) -> Self:
        if self._logger.level == logging.NOTSET:
            self._logger.setLevel(logging.INFO)
        self._logger.addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._old_level)


def _opened(place: Path) -> FileIO:
    try:
        return place.open("ab", buffering=0)
    except OSError as error:
        raise StorageError(f"no log can be written to {place}: {error.strerror}; name another file") from error


def _as_text(moment_ns: int) -> str:
    seconds, rest = divmod(moment_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06d}Z"
