import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skillwright.envs import find_card
from skillwright.rewards.preferences.bradley_terry import clip_returns, cross_entropy, preference
from skillwright.rewards.preferences.dataset import ChosenPairs
from skillwright.rewards.preferences.features import num_features
from skillwright.rewards.preferences.fitting import fit_preferences

torch = pytest.importorskip("torch")

error_rates = st.sampled_from([0.0, 0.05, 0.1, 0.5])
targets = st.sampled_from([0.0, 0.5, 1.0])
one_return = st.floats(-30.0, 30.0, width=32)
returns = arrays(np.float64, 6, elements=one_return)


@given(returns, returns, error_rates)
def test_swapping_the_clips_swaps_the_preference(a, b, error_rate):
    there, back = preference(a, b, error_rate=error_rate), preference(b, a, error_rate=error_rate)
    np.testing.assert_allclose(there + back, 1.0, rtol=1e-12)


@given(returns, returns, targets, error_rates)
def test_swapping_the_clips_and_the_target_keeps_the_loss(a, b, target, error_rate):
    goals = np.full(6, target)
    there = cross_entropy(a, b, goals, error_rate=error_rate)
    back = cross_entropy(b, a, 1.0 - goals, error_rate=error_rate)
    np.testing.assert_allclose(there, back, rtol=1e-9, atol=1e-12)


@given(returns, returns, error_rates)
def test_the_clip_with_the_higher_return_is_the_more_probable_one(a, b, error_rate):
    likely = preference(a, b, error_rate=error_rate)
    assert ((likely >= 0.5) == (a >= b))[np.abs(a - b) > 1e-6].all()
    assert (likely >= error_rate / 2 - 1e-12).all()
    assert (likely <= 1 - error_rate / 2 + 1e-12).all()


@given(arrays(np.float64, (2, 12), elements=one_return), st.floats(-5.0, 5.0))
def test_a_constant_more_per_step_changes_no_preference_between_clips_of_equal_length(rewards, shift):
    lengths = np.array([3, 3, 3, 3])
    before, after = clip_returns(rewards, lengths), clip_returns(rewards + shift, lengths)
    np.testing.assert_allclose(preference(*before), preference(*after), atol=1e-9)


def test_a_constant_more_per_step_favours_the_longer_of_two_clips():
    lengths = np.array([2, 5])
    [short, long] = clip_returns(np.ones(7), lengths)
    assert preference(np.array(long), np.array(short)) > 0.9
    np.testing.assert_allclose(clip_returns(np.zeros(7), lengths), 0.0)


@given(arrays(np.float64, (3, 9), elements=one_return))
def test_the_return_of_a_clip_is_the_sum_of_its_rewards(rewards):
    sums = clip_returns(rewards, np.array([2, 3, 4]))
    expected = np.stack([rewards[:, :2].sum(1), rewards[:, 2:5].sum(1), rewards[:, 5:].sum(1)], axis=1)
    np.testing.assert_allclose(sums, expected, atol=1e-9)


@given(returns, returns, targets, error_rates)
def test_what_torch_minimises_is_the_cross_entropy(a, b, target, error_rate):
    from skillwright.rewards.preferences.network import preference_loss

    goals = np.full(6, target)
    computed = preference_loss(torch.tensor(np.stack([a, b], axis=1)), torch.tensor(goals), error_rate)
    expected = cross_entropy(a, b, goals, error_rate=error_rate)
    np.testing.assert_allclose(computed.numpy(), expected, atol=np.exp(-20.0))  # torch's softplus is linear beyond 20


@given(
    arrays(np.float64, 6, elements=st.floats(-8.0, 8.0)),
    arrays(np.float64, 6, elements=st.floats(-8.0, 8.0)),
    targets,
    error_rates,
)
def test_the_gradient_is_that_of_finite_differences(a, b, target, error_rate):
    from skillwright.rewards.preferences.network import preference_loss

    goals, step = np.full(6, target), 1e-5
    both = torch.tensor(np.stack([a, b], axis=1), requires_grad=True)
    preference_loss(both, torch.tensor(goals), error_rate).sum().backward()
    above = cross_entropy(a + step, b, goals, error_rate=error_rate)
    below = cross_entropy(a - step, b, goals, error_rate=error_rate)
    slope = (above - below) / (2 * step)
    np.testing.assert_allclose(both.grad[:, 0].numpy(), slope, atol=1e-6)
    np.testing.assert_allclose(both.grad[:, 1].numpy(), -slope, atol=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_noiseless_choices_give_the_ranking_of_a_linear_reward_back(seed):
    card, steps, num = find_card("Pendulum-v1"), 5, 300
    random = np.random.default_rng(seed)
    weights = random.standard_normal(num_features(card))
    clips = random.standard_normal((2, num + 500, steps, num_features(card))).astype(np.float32)
    truth = (clips @ weights).sum(axis=-1)
    lengths, target = np.full(num, steps), (truth[0] > truth[1])[:num].astype(np.float64)
    model = fit_preferences(card, ChosenPairs(clips[0, :num], clips[1, :num], lengths, lengths, target), seed=seed)
    unseen = clips[:, num:].reshape(-1, num_features(card))
    learned = model.member_rewards(unseen).mean(axis=0).reshape(2, 500, steps).sum(axis=-1)
    agreed = np.mean((learned[0] > learned[1]) == (truth[0] > truth[1])[num:])
    assert agreed >= 0.9
