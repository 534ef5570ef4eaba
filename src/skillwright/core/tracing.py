"""Spans: what was done when, for how long, within what, and how it ended; told to sinks that are chosen once.

A run is one trace. ``trace`` begins one, ``span`` and ``traced`` mark what happens within it; outside a trace they do
nothing, so that parts which serve many callers never begin traces by the dozen. Without a sink all of it does nothing.

The trace of a run is named after the run's id, so that a resumed run goes on with its trace. A command's trace begins
before the run has an id: its spans are held back until ``trace`` is told the id, see ``waiting_trace``.

Spans say how large, how long and how dear something was, never what was said to a model or by it. Every text is cut,
and keys are taken out of it. What a block raises is its failure, unless the error says ``is_failure = False``.
"""

import functools
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import ParamSpec, Protocol, Self, TypeVar

from skillwright.core.tracing_records import Attribute, LogRecord, Sink, SpanRecord, cleaned, cleaned_text, hide

__all__ = [
    "Attribute",
    "LogRecord",
    "Sink",
    "Span",
    "SpanRecord",
    "annotate",
    "close_sinks",
    "current_ids",
    "hide",
    "send_log",
    "send_to",
    "span",
    "trace",
    "trace_id_of",
    "traced",
    "unrecorded",
    "waiting_trace",
]

P = ParamSpec("P")
R = TypeVar("R")


class Span(Protocol):
    """Something that takes time; a context manager, within which it is what new spans belong to."""

    def set(self, **attributes: Attribute) -> None:
        """Adds what has become known of it.

        Args:
            attributes: sizes, names and figures, no texts of others.
        """
        ...

    def part(self, name: str, **attributes: Attribute) -> "Span":
        """Starts a span within this one that began when this one did; it ends with ``end``.

        Args:
            name: what is done.
            attributes: what is known of it.
        """
        ...

    def end(self, problem: str = "") -> None:
        """Ends it, once, where it was not used as a context manager.

        Args:
            problem: why it failed; empty if it did not.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def send_to(*sinks: Sink) -> None:
    """Chooses who hears of the spans of this process; those chosen before are closed.

    Args:
        sinks: hear of every span when it ends.
    """
    global _sinks
    close_sinks()
    _sinks = sinks


def close_sinks() -> None:
    """Has the sinks write what they hold, and chooses none."""
    global _sinks
    closing, _sinks = _sinks, ()
    for sink in closing:
        sink.close()


def span(name: str, **attributes: Attribute) -> Span:
    """Marks a part of what is being done.

    Args:
        name: what is done, such as ``sandbox``.
        attributes: sizes, names and figures, no texts of others.

    Returns:
        A context manager; one that does nothing if nobody listens, or outside a trace. Where several are open side by
        side, it is not entered but ends with ``Span.end``.
    """
    if not _sinks:
        return _NOTHING
    around = _current.get()
    return _NOTHING if around is None else _Live(name, around.of, around, attributes)


def trace(name: str, run_id: str | None = None, **attributes: Attribute) -> Span:
    """Marks a piece of work that stands for itself: it begins a trace, unless it is done as a part of another.

    Args:
        name: what is done, such as ``run``.
        run_id: names the trace; none: it gets a name by chance.
        attributes: sizes, names and figures, no texts of others.
    """
    if not _sinks:
        return _NOTHING
    known = {**attributes, "run_id": run_id} if run_id else attributes
    around = _current.get()
    if around is None:
        return _Live(name, _Trace(_name(run_id)), None, known)
    around.of.settle(_name(run_id))
    return _Live(name, around.of, around, known)


def waiting_trace(name: str, **attributes: Attribute) -> Span:
    """Begins a trace whose name is that of the first ``trace`` within it; until then its spans are held back.

    Args:
        name: what is done, such as ``command``.
        attributes: sizes, names and figures, no texts of others.
    """
    return _Live(name, _Trace(None), None, attributes) if _sinks else _NOTHING


def traced(name: str, *, begins: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Makes every call of a function a span.

    Args:
        name: what is done.
        begins: whether a call begins a trace, as ``trace`` does.
    """
    mark = trace if begins else span

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if not _sinks:
                return function(*args, **kwargs)
            with mark(name):
                return function(*args, **kwargs)

        return call

    return decorate


def annotate(**attributes: Attribute) -> None:
    """Adds to the innermost span what has become known.

    Args:
        attributes: sizes, names and figures, no texts of others.
    """
    around = _current.get()
    if around is not None:
        around.set(**attributes)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Leaves out the spans of the block, where there would be one every few env steps."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def current_ids() -> tuple[str | None, str | None]:
    """Gives the ids of the trace and of the innermost span; none where there is none, or none yet."""
    around = _current.get()
    return (None, None) if around is None else (around.of.id, around.span_id)


def send_log(record: LogRecord) -> None:
    """Tells the sinks of a line of a log.

    Args:
        record: the line.
    """
    for sink in _sinks:
        sink.log(record)


def trace_id_of(run_id: str) -> str:
    """Gives the id of a run's trace.

    Args:
        run_id: id of the run.

    Returns:
        32 hexadecimal digits, the same in every sitting of the run.

    Example:
        >>> trace_id_of("20260102-030405-abcd")
        'e0b9b10905a23b958c0728362ac0b1e0'
    """
    return hashlib.sha256(f"skillwright run {run_id}".encode()).hexdigest()[:32]


class _Trace:
    """What spans belong to; those that end before it has a name wait for it."""

    def __init__(self, trace_id: str | None) -> None:
        self.id = trace_id
        self._held: list[_Live] = []
        self._lock = threading.Lock()

    def settle(self, trace_id: str) -> None:
        """Takes a name, unless it has one."""
        with self._lock:
            if self.id is not None:
                return
            self.id = trace_id
            held, self._held = self._held, []
        for one in held:
            _tell(one.record(trace_id))

    def take(self, ended: "_Live") -> None:
        with self._lock:
            if self.id is None:
                self._held.append(ended)
                return
            trace_id = self.id
        _tell(ended.record(trace_id))


class _Live:
    """A span that somebody listens to."""

    __slots__ = (
        "_attributes",
        "_began",
        "_duration_s",
        "_error",
        "_name",
        "_parent",
        "_start_ns",
        "_token",
        "of",
        "span_id",
    )

    def __init__(self, name: str, of: _Trace, parent: "_Live | None", attributes: Mapping[str, Attribute]) -> None:
        self.of = of
        self.span_id = secrets.token_hex(8)
        self._name = name
        self._parent = parent
        self._attributes = dict(attributes)
        self._start_ns = time.time_ns()
        self._began = time.perf_counter()
        self._duration_s: float | None = None
        self._error: tuple[str, str] | None = None
        self._token: Token[_Live | None] | None = None

    def set(self, **attributes: Attribute) -> None:
        self._attributes.update(attributes)

    def part(self, name: str, **attributes: Attribute) -> "_Live":
        inner = _Live(name, self.of, self, attributes)
        inner._start_ns, inner._began = self._start_ns, self._began
        return inner

    def end(self, problem: str = "") -> None:
        self._finish(("Failed", problem) if problem else None)

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)
        failed = error is not None and getattr(error, "is_failure", True)
        self._finish((type(error).__name__, str(error)) if failed else None)

    def record(self, trace_id: str) -> SpanRecord:
        """Writes down what it came to."""
        assert self._duration_s is not None, "a span was told of before its end"
        kind, message = self._error or ("", "")
        return SpanRecord(
            trace_id=trace_id,
            span_id=self.span_id,
            parent_id=self._parent.span_id if self._parent else None,
            name=self._name,
            start_ns=self._start_ns,
            duration_s=self._duration_s,
            status="error" if self._error else "ok",
            error_type=kind,
            error_message=cleaned_text(message),
            attributes={key: cleaned(value) for key, value in self._attributes.items() if value is not None},
        )

    def _finish(self, error: tuple[str, str] | None) -> None:
        if self._duration_s is not None:
            return
        self._duration_s, self._error = time.perf_counter() - self._began, error
        if self._parent is None:
            self.of.settle(_name(None))
        self.of.take(self)


class _Nothing:
    """The span of whoever does not listen."""

    __slots__ = ()

    def set(self, **attributes: Attribute) -> None:
        pass

    def part(self, name: str, **attributes: Attribute) -> "_Nothing":
        return self

    def end(self, problem: str = "") -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


_NOTHING = _Nothing()
_sinks: tuple[Sink, ...] = ()
_current: ContextVar[_Live | None] = ContextVar("skillwright_span", default=None)


def _name(run_id: str | None) -> str:
    return trace_id_of(run_id) if run_id else secrets.token_hex(16)


def _tell(record: SpanRecord) -> None:
    for sink in _sinks:
        sink.span(record)
