"""Numbers as people read them: few digits, a true minus sign, a dash where nothing was measured."""

import math
from collections.abc import Iterable
from typing import Final

from skillwright.core.figures import decimals as decimals_for
from skillwright.core.figures import long_span, significant, tenths

__all__ = [
    "compact",
    "decimals_of",
    "duration",
    "fixed",
    "grouped",
    "interval",
    "number",
    "percent",
    "percent_interval",
]

MISSING: Final = "–"
_THIN_SPACE: Final = "\u202f"
_MINUS: Final = "\u2212"


def number(value: float | None, *, digits: int = 3) -> str:
    """Writes a value that stands alone, with a few significant digits.

    Args:
        value: the value; none or not finite gives a dash.
        digits: significant digits; those left of the point are never dropped.

    Example:
        >>> number(-1234.56), number(0.012345), number(0.5), number(None)
        ('−1235', '0.0123', '0.5', '–')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    return _signed(significant(value, digits))


def fixed(value: float | None, decimals: int) -> str:
    """Writes a value that stands in a column, where all have the same number of decimals.

    Args:
        value: the value; none or not finite gives a dash.
        decimals: digits right of the point.

    Example:
        >>> fixed(-0.04, 1), fixed(8.0, 1)
        ('0.0', '8.0')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    return _signed(f"{round(value, decimals) + 0.0:.{decimals}f}")


def decimals_of(values: Iterable[float], *, digits: int = 4) -> int:
    """Chooses the number of decimals for a column.

    Args:
        values: the column.
        digits: significant digits of its largest value.

    Example:
        >>> decimals_of([236.41, -3.9]), decimals_of([0.0123])
        (1, 5)
    """
    return decimals_for(max((abs(value) for value in values if math.isfinite(value)), default=1.0), digits)


def interval(bounds: tuple[float, float] | None, decimals: int) -> str:
    """Writes an interval of measured values.

    Args:
        bounds: lower and upper end; none gives a dash.
        decimals: digits right of the point.

    Example:
        >>> interval((-12.5, 250.25), 1)
        '−12.5 to 250.2'
    """
    if bounds is None:
        return MISSING
    return " to ".join(fixed(bound, decimals) for bound in bounds)


def percent(rate: float | None) -> str:
    """Writes a share in percent.

    Args:
        rate: in [0, 1]; none or not finite gives a dash.

    Example:
        >>> percent(0.935), percent(1.0)
        ('93.5\u202f%', '100\u202f%')
    """
    if rate is None or not math.isfinite(rate):
        return MISSING
    return f"{tenths(100 * rate)}{_THIN_SPACE}%"


def percent_interval(bounds: tuple[float, float] | None) -> str:
    """Writes an interval of shares in percent.

    Args:
        bounds: lower and upper end in [0, 1]; none gives a dash.

    Example:
        >>> percent_interval((0.863, 0.972))
        '86.3 to 97.2\u202f%'
    """
    if bounds is None:
        return MISSING
    low, high = (tenths(100 * bound) for bound in bounds)
    return f"{low} to {high}{_THIN_SPACE}%"


def grouped(count: int) -> str:
    """Writes a count with its thousands apart.

    Args:
        count: the count.

    Example:
        >>> grouped(9600000)
        '9\u202f600\u202f000'
    """
    return _signed(f"{count:,}".replace(",", _THIN_SPACE))


def compact(value: float) -> str:
    """Writes a value as an axis shows it: ``200k``, ``1.6M``.

    Args:
        value: a finite value.

    Example:
        >>> compact(200_000), compact(-1_500_000), compact(0.25)
        ('200k', '−1.5M', '0.25')
    """
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return _signed(f"{value / size:.4g}{suffix}")
    return _signed(f"{value:.4g}")


def duration(seconds: float) -> str:
    """Writes a time span in its two largest units.

    Args:
        seconds: the span.

    Example:
        >>> duration(7.25), duration(151), duration(7320)
        ('7.2 s', '2 min 31 s', '2 h 2 min')
    """
    return f"{seconds:.1f} s" if seconds < 60 else long_span(seconds)


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)
