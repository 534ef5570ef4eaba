"""Scales: from data to drawing units, with round numbers at the ticks."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from skillwright.report.formatting import compact

__all__ = ["Axis", "Tick", "domain_of", "make_axis"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One labelled position on an axis."""

    position: float
    """In drawing units."""
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A linear scale."""

    low: float
    """Data value at ``start``."""
    high: float
    """Data value at ``stop``."""
    start: float
    """Drawing unit of ``low``."""
    stop: float
    """Drawing unit of ``high``."""
    ticks: tuple[Tick, ...]

    def place(self, value: float) -> float:
        """Maps a data value to drawing units, rounded to a tenth.

        Args:
            value: the data value.
        """
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.stop - self.start), 1)


def make_axis(
    domain: tuple[float, float],
    span: tuple[float, float],
    *,
    num_ticks: int = 4,
    label: Callable[[float], str] = compact,
) -> Axis:
    """Makes a scale that covers a domain, with ticks at round numbers inside it.

    Args:
        domain: lowest and highest data value.
        span: drawing units of the two.
        num_ticks: about how many ticks.
        label: writes a tick's value.

    Returns:
        The scale. Its ends are the domain's, widened where the domain is a single value.
    """
    low, high = domain if domain[0] < domain[1] else (domain[0] - 0.5, domain[0] + 0.5)
    bare = Axis(low=low, high=high, start=span[0], stop=span[1], ticks=())
    ticks = tuple(Tick(position=bare.place(v), label=label(v)) for v in _round_values(low, high, num_ticks))
    return Axis(low=low, high=high, start=span[0], stop=span[1], ticks=ticks)


def domain_of(values: Sequence[float], *, margin: float = 0.06, ignored_share: float = 0.0) -> tuple[float, float]:
    """Chooses the stretch of an axis that shows some values.

    Args:
        values: the values; none gives [0, 1].
        margin: free space at both ends, as a share of the stretch.
        ignored_share: share of the lowest values that may fall outside, so that a few wild ones do not
            flatten all others.

    Returns:
        Lowest and highest value of the axis.
    """
    ordered = sorted(values)
    if not ordered:
        return 0.0, 1.0
    low, high = ordered[int(ignored_share * (len(ordered) - 1))], ordered[-1]
    free = margin * (high - low) or 0.5
    return low - free, high + free


def _round_values(low: float, high: float, num_ticks: int) -> list[float]:
    rough = (high - low) / num_ticks
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = magnitude * next(m for m in (1, 2, 2.5, 5, 10) if rough <= m * magnitude * 1.0001)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]
