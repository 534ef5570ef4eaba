import pytest
from benchmarks.tables import compare, significant, spread, with_interval


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (0.13712, "0.137"),
        (1.1908, "1.19"),
        (13.07, "13.1"),
        (123.4, "123"),
        (67_123, "67,100"),
        (-2.5, "-2.50"),
    ],
)
def test_numbers_are_written_with_three_digits(value, written):
    assert significant(value) == written


def test_repeats_are_written_as_median_and_range():
    assert spread([3.0, 1.0, 2.0], lambda value: f"{value:.0f}") == "2 (1 to 3)"


def test_a_single_measurement_has_no_range():
    assert spread([3.0], lambda value: f"{value:.0f}") == "3"


def test_few_values_get_no_interval():
    assert with_interval([1.0, 3.0], decimals=1) == "2.0"


def test_many_values_get_an_interval_around_their_mean():
    assert with_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], decimals=1).startswith("3.5 [2.")


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        ([1.0, 2.0, 3.0, 1.0, 2.0], "better"),
        ([-1.0, -2.0, -3.0, -1.0, -2.0], "worse"),
        ([-1.0, 2.0, -3.0, 1.0, 2.0], "no difference"),
        ([1.0, 2.0, 3.0, 1.0], "too few"),
    ],
)
def test_a_difference_counts_if_its_interval_leaves_out_zero(differences, verdict):
    assert compare(differences) == verdict
