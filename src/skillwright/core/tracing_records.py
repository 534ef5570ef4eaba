"""What sinks are told of, and how keys and long texts are kept out of it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

__all__ = ["Attribute", "LogRecord", "Sink", "SpanRecord", "cleaned", "cleaned_text", "hide"]

Attribute = str | int | float | bool | None
"""What a span knows of itself; none: nothing."""

_LONGEST: Final = 200
"""Characters of any text."""
_SHORTEST_SECRET: Final = 6
"""Characters below which a secret is too common a text to be searched for."""
_HIDDEN: Final = "[key]"
_KEY_LIKE: Final = re.compile(
    r"(?<=://)[^/\s@]+(?=@)"  # a name and a password in an address
    r"|\b(?:sk|pk|rk|hf|gsk|xai|ghp|AIza)[-_]?[A-Za-z0-9_-]{16,}"
    r"|(?<=Bearer )\S+",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRecord:
    """A span that has ended."""

    trace_id: str
    """32 hexadecimal digits."""
    span_id: str
    """16 hexadecimal digits."""
    parent_id: str | None
    """None: the first of its trace, or of a sitting of it."""
    name: str
    start_ns: int
    """UTC, nanoseconds since 1970."""
    duration_s: float
    """Measured by a clock that nobody sets."""
    status: Literal["ok", "error"]
    error_type: str
    """Empty if it went well."""
    error_message: str
    attributes: Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """A line of the standard library's logging."""

    time_ns: int
    """UTC, nanoseconds since 1970."""
    level: str
    """``DEBUG`` to ``CRITICAL``."""
    logger: str
    message: str
    trace_id: str | None
    """None: it belongs to no trace, or to one that has no name yet."""
    span_id: str | None


class Sink(Protocol):
    """Hears of spans; called from several threads. What goes wrong in it must not reach the work that is told of."""

    def span(self, record: SpanRecord) -> None:
        """Hears of a span that has ended."""
        ...

    def log(self, record: LogRecord) -> None:
        """Hears of a line of a log."""
        ...

    def close(self) -> None:
        """Passes on whatever it still holds."""
        ...


_secrets: set[str] = set()


def hide(secret: str) -> None:
    """Keeps a text out of all that sinks are told from now on.

    Args:
        secret: such as a key; a very short one is too common a text to be searched for.
    """
    if len(secret) >= _SHORTEST_SECRET:
        _secrets.add(secret)


def cleaned(value: str | int | float | bool) -> str | int | float | bool:
    """Cuts an attribute if it is a text, takes keys out of it, and writes as a text what no JSON number can be.

    Args:
        value: an attribute; finite numbers stay as they are.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return cleaned_text(value) if isinstance(value, str) else value


def cleaned_text(text: str) -> str:
    """Cuts a text, and takes keys out of it.

    Args:
        text: whatever it is.
    """
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    text = _KEY_LIKE.sub(_HIDDEN, text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
