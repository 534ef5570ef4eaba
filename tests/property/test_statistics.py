import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skillwright.core.statistics import bootstrap_interval, lower_confidence_bound, wilson_interval

trials = st.integers(1, 10_000)
confidences = st.floats(0.5, 0.999)
values = st.floats(-1e6, 1e6, width=32)


def samples(smallest, largest=40):
    return st.integers(smallest, largest).flatmap(lambda size: arrays(np.float64, size, elements=values))


@st.composite
def outcomes(draw):
    total = draw(trials)
    return draw(st.integers(0, total)), total


@given(outcomes(), confidences)
def test_a_wilson_interval_holds_the_rate_and_stays_a_probability(outcome, confidence):
    successes, total = outcome
    low, high = wilson_interval(successes, total, confidence=confidence)
    assert 0.0 <= low <= successes / total <= high <= 1.0
    assert low < high


@given(outcomes(), confidences)
def test_a_wilson_interval_of_failures_mirrors_that_of_successes(outcome, confidence):
    successes, total = outcome
    low, high = wilson_interval(successes, total, confidence=confidence)
    mirrored = wilson_interval(total - successes, total, confidence=confidence)
    np.testing.assert_allclose(mirrored, (1 - high, 1 - low), atol=1e-12)


@given(outcomes(), st.integers(2, 50))
def test_a_wilson_interval_shrinks_with_more_trials(outcome, factor):
    successes, total = outcome
    low, high = wilson_interval(successes, total)
    narrower = wilson_interval(successes * factor, total * factor)
    assert narrower[1] - narrower[0] < high - low


@given(outcomes(), st.floats(0.5, 0.9), st.floats(0.01, 0.09))
def test_a_wilson_interval_widens_with_confidence(outcome, confidence, more):
    low, high = wilson_interval(*outcome, confidence=confidence)
    wide_low, wide_high = wilson_interval(*outcome, confidence=confidence + more)
    assert wide_low <= low and high <= wide_high


@given(samples(1), st.integers(0, 2**31 - 1))
def test_a_bootstrap_interval_holds_the_mean_and_stays_within_the_sample(sample, seed):
    low, high = bootstrap_interval(sample, seed=seed, num_resamples=200)
    slack = 1e-9 * np.abs(sample).max()
    assert sample.min() - slack <= low <= sample.mean() <= high <= sample.max() + slack


@given(st.integers(0, 2**31 - 1))
def test_a_bootstrap_interval_shrinks_with_more_values(seed):
    sample = np.array([0.0, 1.0, 2.0, 5.0])
    low, high = bootstrap_interval(sample, seed=seed, num_resamples=500)
    narrower = bootstrap_interval(np.tile(sample, 25), seed=seed, num_resamples=500)
    assert narrower[1] - narrower[0] < (high - low) / 2


@given(samples(2), st.floats(0.5, 0.99))
def test_a_lower_bound_never_exceeds_the_mean_and_falls_with_confidence(sample, confidence):
    slack = 1e-9 * (1 + np.abs(sample).max())
    bound = lower_confidence_bound(sample, confidence=confidence)
    assert bound <= sample.mean() + slack
    assert lower_confidence_bound(sample, confidence=(1 + confidence) / 2) <= bound + slack


@given(st.integers(2, 500))
def test_a_lower_bound_rises_with_more_values_of_the_same_spread(num_pairs):
    few, many = np.tile([0.0, 1.0], num_pairs), np.tile([0.0, 1.0], num_pairs + 1)
    assert lower_confidence_bound(few) < lower_confidence_bound(many) < 0.5
