import math

import numpy as np
import pytest

from skillwright.core.statistics import bootstrap_interval, lower_confidence_bound, wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (95, 100, 0.8882, 0.9785)],
)
def test_wilson_intervals_agree_with_published_ones(successes, trials, low, high):
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_nothing_tried_says_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_more_successes_than_trials_is_a_mistake_of_the_caller():
    with pytest.raises(AssertionError):
        wilson_interval(2, 1)


def test_the_bootstrap_is_the_same_for_the_same_seed():
    values = np.array([1.0, 2.0, 5.0, 9.0])
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)


def test_the_bootstrap_of_a_normal_sample_is_close_to_the_normal_interval():
    values = np.random.default_rng(0).normal(10.0, 2.0, size=400)
    low, high = bootstrap_interval(values, seed=0)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_the_bootstrap_of_a_large_sample_draws_in_pieces_and_keeps_its_width():
    values = np.random.default_rng(0).normal(size=300_000)
    low, high = bootstrap_interval(values, seed=0, num_resamples=200)
    assert high - low == pytest.approx(2 * 1.96 / math.sqrt(300_000), rel=0.3)


def test_an_empty_sample_is_a_mistake_of_the_caller():
    with pytest.raises(AssertionError):
        bootstrap_interval(np.array([]), seed=0)


def test_a_sample_with_a_missing_value_is_a_mistake_of_the_caller():
    with pytest.raises(AssertionError):
        lower_confidence_bound(np.array([1.0, math.nan]))


@pytest.mark.parametrize(
    ("degrees", "confidence", "quantile"),
    [
        (1, 0.95, 6.314),
        (2, 0.95, 2.920),
        (3, 0.95, 2.353),
        (4, 0.95, 2.132),
        (5, 0.99, 3.365),
        (10, 0.975, 2.228),
        (29, 0.95, 1.699),
        (30, 0.995, 2.750),
        (120, 0.95, 1.658),
    ],
)
def test_lower_bounds_agree_with_students_table(degrees, confidence, quantile):
    values = np.arange(degrees + 1, dtype=np.float64)
    error = values.std(ddof=1) / math.sqrt(values.size)
    bound = lower_confidence_bound(values, confidence=confidence)
    assert (values.mean() - bound) / error == pytest.approx(quantile, abs=6e-4)


def test_the_median_bound_is_the_mean():
    assert lower_confidence_bound(np.array([1.0, 2.0, 6.0]), confidence=0.5) == pytest.approx(3.0)


def test_one_value_bounds_nothing():
    assert lower_confidence_bound(np.array([5.0])) == -math.inf
