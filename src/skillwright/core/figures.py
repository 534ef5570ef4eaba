"""How many digits a number needs; which signs it is written with is for those who show it."""

import math

__all__ = ["decimals", "long_span", "significant", "tenths"]


def decimals(value: float, digits: int) -> int:
    """Counts the decimals that leave a value some significant digits, 6 at most.

    Args:
        value: a finite value.
        digits: significant digits; those left of the point are never dropped.

    Example:
        >>> decimals(236.41, 4), decimals(0.0123, 4), decimals(0.0, 4)
        (1, 5, 0)
    """
    if value == 0:
        return 0
    return min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), 6)


def significant(value: float, digits: int) -> str:
    """Writes a value without zeros at its end; what rounds to nothing has no sign.

    Args:
        value: a finite value.
        digits: significant digits; those left of the point are never dropped.

    Example:
        >>> significant(-1234.56, 3), significant(0.012345, 4), significant(0.5, 3), significant(-1e-9, 3)
        ('-1235', '0.01235', '0.5', '0')
    """
    places = decimals(value, digits)
    text = f"{round(value, places) + 0.0:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tenths(value: float) -> str:
    """Writes a value with one decimal, or none if that is 0.

    Args:
        value: the value.

    Example:
        >>> tenths(93.46), tenths(100.0)
        ('93.5', '100')
    """
    return f"{value:.1f}".removesuffix(".0")


def long_span(seconds: float) -> str:
    """Writes a time span in minutes and seconds, or hours and minutes.

    Args:
        seconds: a minute or more.

    Example:
        >>> long_span(151), long_span(7320)
        ('2 min 31 s', '2 h 2 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
