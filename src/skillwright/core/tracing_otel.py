"""Sends spans to an OpenTelemetry collector, by OTLP over HTTP; the extra ``otel``.

Where to, with which headers and time limits, the standard variables ``OTEL_EXPORTER_OTLP_…`` say.
"""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from skillwright import __version__
from skillwright.core.errors import MissingExtra
from skillwright.core.tracing_records import LogRecord, SpanRecord, cleaned_text

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

__all__ = ["OtelSpans", "is_wanted"]

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NAME: Final = "skillwright"
_LAST_WORD_S: Final = 3.0
"""Longest that the end of a command waits for a collector that does not answer."""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Says whether the standard variables ask for spans to be sent.

    Args:
        environment: ``os.environ``.
    """
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(environment.get(name) for name in _ENDPOINTS)


class OtelSpans:
    """Sends spans in batches, from a thread of its own.

    Raises:
        MissingExtra: the packages are not installed.
    """

    def __init__(self) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        except ImportError as error:
            raise MissingExtra(error.name or "opentelemetry", "otel") from error
        _hear_exporter()
        name = os.environ.get("OTEL_SERVICE_NAME") or _NAME
        self._resource = Resource.create({"service.name": name, "service.version": __version__})
        self._scope = InstrumentationScope(_NAME, __version__)
        self._processor = BatchSpanProcessor(OTLPSpanExporter())

    def span(self, record: SpanRecord) -> None:
        """Puts a span into the next batch; see ``Sink.span``."""
        self._processor.on_end(self._readable(record))

    def log(self, record: LogRecord) -> None:
        """Leaves logs alone: only spans are sent."""

    def close(self) -> None:
        """Sends what is left; a collector that does not answer is not waited for long."""
        last_word = threading.Thread(target=self._processor.shutdown, daemon=True)
        last_word.start()
        last_word.join(_LAST_WORD_S)

    def _readable(self, record: SpanRecord) -> "ReadableSpan":
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.trace import Status, StatusCode

        failed = {"error.type": record.error_type} if record.status == "error" else {}
        named = {f"{_NAME}.{key}": value for key, value in record.attributes.items()}
        return ReadableSpan(
            name=record.name,
            context=_context(record.trace_id, record.span_id),
            parent=_context(record.trace_id, record.parent_id) if record.parent_id else None,
            resource=self._resource,
            attributes={**named, **failed},
            instrumentation_scope=self._scope,
            status=Status(StatusCode.ERROR, record.error_message) if failed else Status(StatusCode.OK),
            start_time=record.start_ns,
            end_time=record.start_ns + round(record.duration_s * 1e9),
        )


def _context(trace_id: str, span_id: str) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags

    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=flags)


class _SaysOnce(logging.Handler):
    """Tells the person of the first trouble in sending, and of no more: the work goes on without it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._has_said = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._has_said:
            self._has_said = True
            print(f"OpenTelemetry, of which no more is said: {cleaned_text(record.getMessage())}", file=sys.stderr)


def _hear_exporter() -> None:
    """Keeps the exporter's own log from the terminal, where nobody has said what becomes of it."""
    log = logging.getLogger("opentelemetry")
    if not log.hasHandlers():
        log.addHandler(_SaysOnce())
        log.propagate = False
