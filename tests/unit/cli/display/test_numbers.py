import doctest
import math

import pytest

from skillwright.cli.display import numbers


def test_the_examples_are_true():
    assert doctest.testmod(numbers) == (0, doctest.testmod(numbers).attempted)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1"), (1234.5678, "1235"), (100.0, "100"), (-0.5, "-0.5"), (1e-9, "0"), (math.nan, "-")],
)
def test_a_number_is_short(value, text):
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999, "999"), (999_600, "1M"), (1_000_000, "1M"), (2.5e9, "2.5G")]
)
def test_a_count_is_compact(count, text):
    assert numbers.compact(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0 s"), (59.6, "1 min 0 s"), (3599.0, "59 min 59 s"), (3600.0, "1 h 0 min")]
)
def test_a_duration_has_two_units(seconds, text):
    assert numbers.duration(seconds) == text


def test_a_moment_is_told_in_the_local_time_zone(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert numbers.minute("2026-01-01T20:30:00+00:00") == "2026-01-02 05:30"
    finally:
        monkeypatch.undo()
        time.tzset()
