"""Numbers for the terminal: few digits, and plain characters that other programs can read back."""

import math
from datetime import datetime
from typing import Final

from skillwright.core.figures import long_span, significant, tenths

__all__ = [
    "MISSING",
    "bounds",
    "compact",
    "duration",
    "minute",
    "number",
    "percent",
    "percent_bounds",
    "with_interval",
]

MISSING: Final = "-"
"""Stands where nothing was measured."""


def number(value: float | None) -> str:
    """Writes a measured value with four significant digits; digits left of the point are never dropped.

    Args:
        value: the value; none or not finite gives a dash.

    Example:
        >>> number(-1234.56), number(0.012345), number(0.9), number(None)
        ('-1235', '0.01235', '0.9', '-')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    return significant(value, digits=4)


def bounds(interval: tuple[float, float] | None) -> str:
    """Writes an interval.

    Args:
        interval: lower and upper end; none gives a dash.

    Example:
        >>> bounds((0.88, 0.92)), bounds((-math.inf, 3.0))
        ('0.88 to 0.92', '-inf to 3')
    """
    if interval is None:
        return MISSING
    return " to ".join(number(end) if math.isfinite(end) else f"{end}" for end in interval)


def percent(rate: float | None) -> str:
    """Writes a share.

    Args:
        rate: in [0, 1]; none gives a dash.

    Example:
        >>> percent(0.935), percent(1.0), percent(None)
        ('93.5 %', '100 %', '-')
    """
    return MISSING if rate is None else f"{tenths(100 * rate)} %"


def percent_bounds(interval: tuple[float, float] | None) -> str:
    """Writes an interval of shares.

    Args:
        interval: lower and upper end in [0, 1]; none gives a dash.

    Example:
        >>> percent_bounds((0.863, 0.972))
        '86.3 to 97.2 %'
    """
    return MISSING if interval is None else " to ".join(tenths(100 * end) for end in interval) + " %"


def with_interval(value: str, interval: str) -> str:
    """Writes a measured value and how well it is known.

    Args:
        value: the value, written.
        interval: its 95 % interval, written.

    Example:
        >>> with_interval("92 %", "85 to 95.9 %")
        '92 %  (95 % interval 85 to 95.9 %)'
    """
    return f"{value}  (95 % interval {interval})"


def compact(count: float) -> str:
    """Writes a large count in three digits or so.

    Args:
        count: not negative.

    Example:
        >>> compact(950), compact(412_345), compact(11_520_000)
        ('950', '412k', '11.5M')
    """
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= 0.9995 * size:
            return f"{count / size:.3g}{suffix}"
    return f"{count:.0f}"


def duration(seconds: float) -> str:
    """Writes a time span in its two largest units.

    Args:
        seconds: the span.

    Example:
        >>> duration(7.25), duration(151), duration(7320)
        ('7 s', '2 min 31 s', '2 h 2 min')
    """
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else long_span(whole)


def minute(moment: str) -> str:
    """Writes a moment to the minute, in the person's own time zone.

    Args:
        moment: ISO 8601 with its time zone.
    """
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
