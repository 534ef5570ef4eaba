"""Tells whom a person names of what a command does: a file of JSON lines, an OpenTelemetry collector."""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from skillwright.core.tracing import Sink

__all__ = ["Traced", "begin_tracing"]


class Traced(ExitStack):
    """What a command is told with, open until its end however it ends.

    Args:
        arguments: what was typed after the program's name.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        super().__init__()
        self.arguments = arguments


def begin_tracing(context: typer.Context, log_json: str | None, *, otel: bool) -> None:
    """Begins the trace of a command, if somebody is to hear of it.

    Args:
        context: of the program; its object is the ``Traced`` that ends the trace.
        log_json: a file, or ``-`` for standard error; none: no lines are written.
        otel: whether an OpenTelemetry collector is told, whatever the environment says.

    Raises:
        MissingExtra: the person asks for OpenTelemetry and lacks its packages.
        StorageError: the file cannot be written.
    """
    is_sent = otel or any(name.startswith("OTEL_EXPORTER_OTLP_") for name in os.environ)
    if log_json or is_sent:
        traced = context.obj if isinstance(context.obj, Traced) else context.with_resource(Traced())
        _tell(traced, log_json, otel=otel, command=_command(context, traced.arguments))


def _tell(traced: Traced, log_json: str | None, *, otel: bool, command: str) -> None:
    from skillwright.core.tracing import close_sinks, send_to, waiting_trace
    from skillwright.core.tracing_json import JsonLines, LogHandler

    sinks: list[Sink] = [JsonLines(log_json)] if log_json else []
    sinks += _collectors(asked=otel)
    if log_json:
        traced.enter_context(LogHandler())
    if sinks:
        send_to(*sinks)
        traced.callback(close_sinks)
        traced.enter_context(waiting_trace("command", command=command))


def _collectors(*, asked: bool) -> "list[Sink]":
    """Reaches the collector; where only the environment names one, a lack of packages is told and no mistake."""
    from skillwright.core.errors import MissingExtra
    from skillwright.core.tracing_otel import OtelSpans, is_wanted

    if not asked and not is_wanted(os.environ):
        return []
    try:
        return [OtelSpans()]
    except MissingExtra as error:
        if asked:
            raise
        print(f"Nothing is sent to OTEL_EXPORTER_OTLP_ENDPOINT: {error}", file=sys.stderr)
        return []


def _command(context: typer.Context, arguments: Sequence[str]) -> str:
    """Names the command without its arguments, such as ``skills play``."""
    first = context.invoked_subcommand or ""
    group = context.command.get_command(context, first) if isinstance(context.command, TyperGroup) else None
    known = set(group.commands) if isinstance(group, TyperGroup) else set()
    words = iter(arguments)
    is_named = first in words  # takes all words up to it
    second = next((word for word in words if word in known), "") if is_named else ""
    return f"{first} {second}".strip()
