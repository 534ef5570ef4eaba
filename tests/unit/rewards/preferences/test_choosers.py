import numpy as np
import pytest

from skillwright.core.seeding import generator
from skillwright.rewards.preferences.choosers import OracleChooser
from skillwright.rewards.preferences.records import Choice, Pair
from skillwright.rewards.preferences.selection import draw_pairs
from skillwright.rewards.sources import EnvReward


@pytest.fixture
def pairs(footage):
    return draw_pairs(footage, range(300), generator(0, "test"))


def true_lead(shelf, pair):
    a, b = (shelf.clip(clip).env_reward.sum(dtype=np.float64) for clip in (pair.a, pair.b))
    return a - b


def test_the_oracle_prefers_the_clip_with_the_higher_true_return(shelf, pairs):
    oracle = OracleChooser(EnvReward(), shelf)
    for pair in pairs:
        assert oracle.choose(pair).preferred == ("a" if true_lead(shelf, pair) > 0 else "b")


def test_the_oracle_errs_as_often_as_it_is_told_to(shelf, pairs):
    truth, erring = OracleChooser(EnvReward(), shelf), OracleChooser(EnvReward(), shelf, error_rate=0.2)
    told = [pair for pair in pairs if true_lead(shelf, pair) != 0]

    errors = np.mean([truth.choose(pair).preferred != erring.choose(pair).preferred for pair in told])

    assert errors == pytest.approx(0.2, abs=0.07)


def test_the_oracle_gives_the_same_answer_to_the_same_pair(shelf, pairs):
    first, second = (OracleChooser(EnvReward(), shelf, error_rate=0.5, seed=3) for _ in range(2))

    assert [first.choose(pair) for pair in pairs] == [second.choose(pair) for pair in reversed(pairs)][::-1]


def test_the_oracle_calls_returns_within_its_tolerance_equal(shelf, pairs):
    clip = pairs[0].a

    assert OracleChooser(EnvReward(), shelf).choose(Pair(id="0000", a=clip, b=clip)).preferred == "equal"
    assert OracleChooser(EnvReward(), shelf, tolerance=1e9).choose(pairs[0]).preferred == "equal"


def test_only_a_skipped_pair_has_no_target(pairs):
    targets = {
        preferred: Choice(pair=pairs[0], preferred=preferred, chooser="oracle").target
        for preferred in ("a", "b", "equal", "skip")
    }

    assert targets == {"a": 1.0, "b": 0.0, "equal": 0.5, "skip": None}
