from collections import Counter

import numpy as np
import pytest

from skillwright.core.chance import draw_from, draw_weighted


def test_every_item_is_drawn_about_equally_often():
    random = np.random.default_rng(0)
    counts = Counter(draw_from(random, "abc") for _ in range(3000))
    assert set(counts) == set("abc") and min(counts.values()) > 900


def test_items_are_drawn_by_their_odds():
    random = np.random.default_rng(0)
    odds = {"often": 0.9, "seldom": 0.1, "never": 0.0}
    counts = Counter(draw_weighted(random, odds) for _ in range(3000))
    assert counts["never"] == 0
    assert 0.87 < counts["often"] / 3000 < 0.93


def test_items_stay_what_they_are():
    """numpy's own choice would turn them into numpy scalars and arrays."""
    random = np.random.default_rng(0)
    first, second = ("a", 1), ("b", 2)
    assert draw_from(random, [first]) is first
    assert draw_weighted(random, {second: 1.0}) is second


def test_the_same_chance_draws_the_same():
    draws = [[draw_from(np.random.default_rng(seed), range(1000)) for seed in (1, 2)] for _ in range(2)]
    assert draws[0] == draws[1]
    assert draws[0][0] != draws[0][1]


def test_odds_that_do_not_sum_to_one_are_a_mistake():
    with pytest.raises(ValueError, match="sum to 1"):
        draw_weighted(np.random.default_rng(0), {"a": 0.5})
