import numpy as np
import pytest

from skillwright.skills.nearest import UnitVectors


def unit(values):
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


def clustered(num, dim, seed):
    """Like sentences' vectors: a few meanings, each said in many ways."""
    chance = np.random.default_rng(seed)
    meanings = chance.standard_normal((50, dim))
    return unit(meanings[chance.integers(50, size=num)] + 0.7 * chance.standard_normal((num, dim)))


@pytest.mark.parametrize(("num", "dim"), [(1, 3), (7, 384), (500, 16)])
def test_small_sets_are_compared_exactly(num, dim):
    vectors = unit(np.random.default_rng(num).standard_normal((num, dim)))
    found, cosine = UnitVectors(vectors).nearest(vectors[0], 5, np.ones(num, bool))
    expected = np.sort(vectors @ vectors[0])[::-1][: min(5, num)]
    np.testing.assert_allclose(np.sort(cosine)[::-1], expected, rtol=1e-5)
    assert 0 in found


def test_a_large_set_gives_nearly_all_of_the_nearest():
    vectors = clustered(25_000, 384, seed=0)
    units = UnitVectors(vectors)
    shares = []
    for index in range(0, 25_000, 1_250):
        found, _ = units.nearest(vectors[index], 10, np.ones(len(vectors), bool))
        exact = np.argsort(vectors @ vectors[index])[-10:]
        shares.append(len(set(found) & set(exact)) / 10)
        assert index in found
    assert np.mean(shares) >= 0.95, shares


@pytest.mark.parametrize("num", [100, 25_000])
def test_only_allowed_vectors_are_found(num):
    vectors = clustered(num, 128, seed=1)
    allowed = np.zeros(num, bool)
    allowed[[3, 50]] = True
    found, _ = UnitVectors(vectors).nearest(vectors[0], 10, allowed)
    assert sorted(found) == [3, 50]


def test_none_are_found_where_none_is_allowed():
    found, cosine = UnitVectors(unit(np.eye(3))).nearest(np.eye(3, dtype=np.float32)[0], 2, np.zeros(3, bool))
    assert len(found) == len(cosine) == 0
