import doctest
import math

import pytest

from skillwright.report import formatting


def test_the_examples_in_the_docstrings_are_true() -> None:
    failed, attempted = doctest.testmod(formatting)
    assert attempted >= 8
    assert failed == 0


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_value_that_was_not_measured_is_a_dash(value: float | None) -> None:
    written = {formatting.number(value), formatting.fixed(value, 1), formatting.percent(value)}
    assert written == {"–"}


def test_an_interval_that_was_not_measured_is_a_dash() -> None:
    assert formatting.interval(None, 1) == formatting.percent_interval(None) == "–"
