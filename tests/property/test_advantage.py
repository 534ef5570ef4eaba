"""Generalised advantages agree with a naive loop over each episode."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skillwright.learners.advantage import Discount, generalized_advantages

NUM_STEPS, NUM_ENVS = 12, 3
NUMBER = st.floats(-5, 5, width=32)


def naive_advantages(reward, value, terminated, ended, discount):
    """Sums discounted temporal differences forward from every step to the end of its episode."""
    advantage = np.zeros_like(reward)
    for env in range(reward.shape[1]):
        for start in range(len(reward)):
            factor, total = 1.0, 0.0
            for step in range(start, len(reward)):
                following = 0.0 if terminated[step, env] else value[step + 1, env]
                total += factor * (reward[step, env] + discount.gamma * following - value[step, env])
                factor *= discount.gamma * discount.gae_lambda
                if ended[step, env]:
                    break
            advantage[start, env] = total
    return advantage


@given(
    reward=arrays(np.float32, (NUM_STEPS, NUM_ENVS), elements=NUMBER),
    value=arrays(np.float32, (NUM_STEPS + 1, NUM_ENVS), elements=NUMBER),
    terminated=arrays(np.bool_, (NUM_STEPS, NUM_ENVS)),
    truncated=arrays(np.bool_, (NUM_STEPS, NUM_ENVS)),
    gamma=st.floats(0.1, 1.0),
    gae_lambda=st.floats(0.0, 1.0),
)
def test_advantages_agree_with_a_naive_loop(reward, value, terminated, truncated, gamma, gae_lambda):
    discount = Discount(gamma, gae_lambda)
    ended = terminated | truncated
    estimate = generalized_advantages(
        reward[None], value[None], terminated=terminated[None], ended=ended[None], discount=discount
    )
    expected = naive_advantages(reward, value, terminated, ended, discount)
    assert np.allclose(estimate.advantage[0], expected, atol=1e-3)
    assert np.allclose(estimate.returns[0], expected + value[:-1], atol=1e-3)


def test_a_time_limit_bootstraps_and_a_termination_does_not():
    reward, value = np.zeros((1, 1, 2), np.float32), np.array([[[0, 0], [10, 10]]], np.float32)
    terminated = np.array([[[True, False]]])
    estimate = generalized_advantages(
        reward, value, terminated=terminated, ended=np.ones((1, 1, 2), np.bool_), discount=Discount(0.9, 0.95)
    )
    assert estimate.advantage.tolist() == [[[0.0, 9.0]]]
