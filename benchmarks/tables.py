"""Numbers and tables in Markdown."""

import statistics
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

import numpy as np

from skillwright.core.statistics import bootstrap_interval

__all__ = ["MIN_SAMPLE", "compare", "prose", "ratio", "seconds", "significant", "spread", "table", "with_interval"]

MIN_SAMPLE: Final = 5
"""Fewest values from which a bootstrap interval says anything."""
_WIDTH: Final = 118


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Writes a table; the first column is left-aligned, the others right.

    Args:
        headings: of the columns.
        rows: one text per column each.
    """
    rule = [":--", *["--:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *rows)) + "\n"


def significant(value: float) -> str:
    """Writes a number with three digits.

    Args:
        value: finite.
    """
    if value == 0:
        return "0"
    digits = 2 - int(np.floor(np.log10(abs(value))))
    return f"{round(value, digits):,.{max(0, digits)}f}"


def seconds(value: float) -> str:
    """Writes a time.

    Args:
        value: in seconds.
    """
    return f"{significant(value)} s"


def ratio(value: float) -> str:
    """Writes how many times as large something is.

    Args:
        value: the ratio.
    """
    return f"{value:.1f}×"


def spread(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Writes the median of repeats, and the range if there are several.

    Args:
        values: at least one.
        write: writes one value.
    """
    median = write(statistics.median(values))
    return median if len(values) == 1 else f"{median} ({write(min(values))} to {write(max(values))})"


def with_interval(values: Sequence[float], *, decimals: int) -> str:
    """Writes a mean with its 95 % bootstrap interval, if there are values enough for one.

    Args:
        values: at least one.
        decimals: after the point.
    """
    mean = f"{np.mean(values):.{decimals}f}"
    if len(values) < MIN_SAMPLE:
        return mean
    low, high = bootstrap_interval(np.array(values), seed=0)
    return f"{mean} [{low:.{decimals}f}, {high:.{decimals}f}]"


def compare(differences: Sequence[float]) -> Literal["better", "worse", "no difference", "too few"]:
    """Says what differences mean: on which side of zero their mean's 95 % bootstrap interval lies.

    Args:
        differences: at least one.
    """
    if len(differences) < MIN_SAMPLE:
        return "too few"
    low, high = bootstrap_interval(np.array(differences), seed=0)
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no difference"


def prose(text: str) -> str:
    """Fills the lines of a paragraph.

    Args:
        text: with line breaks anywhere.
    """
    words = " ".join(text.split())
    return textwrap.fill(words, _WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"
