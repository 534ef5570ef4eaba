"""Intervals and bounds, so that no number is shown without how well it is known."""

import math
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core.seeding import generator

__all__ = ["bootstrap_interval", "lower_confidence_bound", "wilson_interval"]

_BISECTIONS: Final = 60
_RESAMPLED_VALUES_AT_ONCE: Final = 1_000_000


def wilson_interval(successes: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Bounds a success rate from the number of successes.

    Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22, 209; Brown, Cai and DasGupta 2001, eq. 4),
    with p = successes / trials and z the normal quantile of (1 + confidence) / 2::

        (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)

    Args:
        successes: number of successes, at most ``trials``.
        trials: number of independent trials.
        confidence: share of such intervals that hold the true rate, in (0, 1).

    Returns:
        Lower and upper bound in [0, 1], around ``successes / trials``; (0, 1) where nothing was tried.
    """
    assert 0 <= successes <= trials, f"{successes} of {trials} is not a number of successes"
    if trials == 0:
        return 0.0, 1.0
    rate = successes / trials
    z_squared = _normal_quantile(confidence) ** 2
    centre = rate + z_squared / (2 * trials)
    margin = math.sqrt(z_squared * (rate * (1 - rate) / trials + z_squared / (4 * trials**2)))
    scale = 1 + z_squared / trials
    return max(0.0, min(rate, (centre - margin) / scale)), min(1.0, max(rate, (centre + margin) / scale))


def bootstrap_interval(
    values: NDArray[np.floating], *, seed: int, confidence: float = 0.95, num_resamples: int = 2000
) -> tuple[float, float]:
    """Bounds a mean from a sample of any distribution.

    The percentile bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, eq. 13.5): the
    quantiles (1 ± confidence)/2 of the means of samples drawn from the sample with replacement.

    Args:
        values: the sample, finite. Shape: (num_values,), at least one.
        seed: the same seed and sample give the same interval.
        confidence: share of such intervals that hold the true mean, in (0, 1).
        num_resamples: samples drawn from the sample.

    Returns:
        Lower and upper bound, around the mean of the sample.
    """
    sample = _checked(values)
    means = _resampled_means(sample, generator(seed, "bootstrap"), num_resamples)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    mean = sample.mean()
    return float(min(low, mean)), float(max(high, mean))


def lower_confidence_bound(values: NDArray[np.floating], *, confidence: float = 0.95) -> float:
    """Bounds a mean from below, from a small sample of a roughly normal distribution.

    Student's one-sided bound (Student 1908, Biometrika 6, 1)::

        mean − t(confidence, n − 1) · s / √n

    Args:
        values: the sample, finite. Shape: (num_values,), at least one.
        confidence: share of such bounds that lie below the true mean, in [0.5, 1).

    Returns:
        The bound; minus infinity for one value, which says nothing about its spread.
    """
    sample = _checked(values)
    if sample.size == 1:
        return -math.inf
    error = sample.std(ddof=1) / math.sqrt(sample.size)
    return float(sample.mean() - _student_quantile(confidence, sample.size - 1) * error)


def _checked(values: NDArray[np.floating]) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    assert sample.ndim == 1 and sample.size > 0, f"a sample of shape {sample.shape} has no mean"
    assert np.isfinite(sample).all(), "a sample with infinite or missing values has no mean"
    return sample


def _normal_quantile(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _resampled_means(
    sample: NDArray[np.float64], random: np.random.Generator, num_resamples: int
) -> NDArray[np.float64]:
    """Draws the means of resamples in pieces, so that memory stays bounded. Shape: (num_resamples,)."""
    per_piece = max(1, _RESAMPLED_VALUES_AT_ONCE // sample.size)
    pieces = []
    for start in range(0, num_resamples, per_piece):
        shape = (min(per_piece, num_resamples - start), sample.size)
        pieces.append(sample[random.integers(sample.size, size=shape)].mean(axis=1))
    return np.concatenate(pieces)


def _student_quantile(probability: float, degrees: int) -> float:
    """Inverts Student's distribution above its median by bisection over the angle θ = arctan(t/√ν)."""
    assert 0.5 <= probability < 1, f"{probability} is not a confidence in [0.5, 1)"
    low, high = 0.0, math.pi / 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if (1 + _student_central_probability(middle, degrees)) / 2 < probability:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan((low + high) / 2)


def _student_central_probability(angle: float, degrees: int) -> float:
    """Computes P(|T| < √ν tan θ) for ν degrees of freedom.

    Abramowitz and Stegun 1964, eqs. 26.7.3 (odd ν) and 26.7.4 (even ν): finite sums of powers of cos θ.
    """
    sine, cosine = math.sin(angle), math.cos(angle)
    if degrees == 1:
        return 2 * angle / math.pi
    first_numerator = 2 if degrees % 2 else 1
    numerators = np.arange(first_numerator, degrees - 2, 2, dtype=np.float64)
    series = 1.0 + float(np.cumprod(numerators / (numerators + 1) * cosine**2).sum())
    if degrees % 2:
        return 2 / math.pi * (angle + sine * cosine * series)
    return sine * series
