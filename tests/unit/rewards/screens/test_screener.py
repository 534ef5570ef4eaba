import pytest

from skillwright.envs import find_card
from skillwright.rewards.records import Candidate, Program
from skillwright.rewards.screens.recording import record_random_transitions
from skillwright.rewards.screens.screener import Screener


@pytest.fixture(scope="module")
def screener() -> Screener:
    card = find_card("CartPole-v1")
    return Screener(card, record_random_transitions(card, seed=0))


def candidate(expression: str, name: str = "g0-c00") -> Candidate:
    source = f"def reward(s, a, n):\n    return {{'x': {expression}, 'y': 0.001 * n.x}}\n"
    return Candidate(id=name, generation=0, operator="fresh", program=Program(source=source))


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("np.load('x')", "np.load is not allowed"),
        ("n.height", "no field 'height'"),
        ("n.env_reward", "no field 'env_reward'"),
        ("np.log(-1.0 - np.abs(n.x))", "not finite"),
        ("n.x[:3]", "has shape"),
        ("{'y': n.x}", "not an array of numbers"),
        ("-0.001 * n.x", "the same for every transition"),
        ("1e7 * n.x", "beyond"),
    ],
)
def test_a_reward_that_cannot_be_trained_with_is_refused_with_its_reason(screener, expression, reason):
    screening = screener.screen(candidate(expression))
    assert not screening.accepted and reason in screening.reason


def test_a_program_without_terms_is_refused(screener):
    program = Program(source="def reward(s, a, n):\n    return {}\n")
    screening = screener.screen(Candidate(id="g0-c01", generation=0, operator="fresh", program=program))
    assert not screening.accepted and "dict of named terms" in screening.reason


def test_a_reward_that_behaves_like_an_earlier_one_is_refused_however_it_is_written():
    card = find_card("CartPole-v1")
    screener = Screener(card, record_random_transitions(card, seed=0))
    assert screener.screen(candidate("np.abs(n.x)", "g0-c00")).accepted
    twin = screener.screen(candidate("2.0 * np.sqrt(n.x * n.x)", "g0-c01"))
    assert not twin.accepted and "g0-c00" in twin.reason
    assert screener.screen(candidate("-np.abs(n.x)", "g0-c02")).accepted


def test_what_an_earlier_sitting_accepted_is_remembered():
    card = find_card("CartPole-v1")
    transitions = record_random_transitions(card, seed=0)
    resumed = Screener(card, transitions)
    resumed.remember(candidate("np.abs(n.angle)", "g0-c00"))
    assert not resumed.screen(candidate("3.0 * np.abs(n.angle)", "g1-c00")).accepted


def test_a_prize_for_the_end_that_two_rewards_share_does_not_make_them_the_same():
    card = find_card("CartPole-v1")
    screener = Screener(card, record_random_transitions(card, seed=0), ["duplicate"])
    assert screener.screen(candidate("np.abs(n.x) - 800.0 * n.terminated", "g0-c00")).accepted
    assert screener.screen(candidate("np.abs(n.angle) - 800.0 * n.terminated", "g0-c01")).accepted
    assert not screener.screen(candidate("2.0 * np.abs(n.x) - 1600.0 * n.terminated", "g0-c02")).accepted


def test_a_candidate_that_wants_nearly_the_same_as_a_better_one_is_its_kin():
    card = find_card("CartPole-v1")
    screener = Screener(card, record_random_transitions(card, seed=0), [])
    for name, expression in (("best", "n.x"), ("twin", "n.x + 0.02 * n.vx"), ("other", "n.angle")):
        assert screener.screen(candidate(expression, name)).accepted
    assert screener.kin(["best", "twin", "other"]) == {"twin"}
    assert screener.kin(["twin", "best", "other"]) == {"best"}
