"""Running moments agree with the moments of everything seen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skillwright.learners.normalization import RewardScaler, RunningMoments


@given(seed=st.integers(0, 10_000), batches=st.lists(st.integers(2, 40), min_size=1, max_size=5))
def test_running_moments_are_those_of_all_counted_samples(seed, batches):
    random = np.random.default_rng(seed)
    moments = RunningMoments(2, (3,))
    seen: list[list[np.ndarray]] = [[], []]
    for size in batches:
        samples = random.normal(3.0, 2.0, (2, size, 3))
        weight = random.random((2, size)) < 0.8
        weight[:, 0] = True
        moments.update(samples, weight)
        for candidate in range(2):
            seen[candidate].append(samples[candidate][weight[candidate]])
    for candidate in range(2):
        everything = np.concatenate(seen[candidate])
        assert np.allclose(moments.mean[candidate], everything.mean(axis=0), atol=1e-2)
        if len(everything) > 4:
            assert np.allclose(moments.variance[candidate], everything.var(axis=0), atol=1e-2, rtol=1e-2)


@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100.0))
def test_scaled_rewards_do_not_depend_on_the_unit_of_the_reward(seed, factor):
    random = np.random.default_rng(seed)
    reward = random.normal(0.0, 1.0, (1, 50, 4)).astype(np.float32)
    ended = random.random((1, 50, 4)) < 0.05
    live = np.ones_like(ended)
    one = RewardScaler(1, 4, 0.99).scale(reward, ended=ended, live=live)
    other = RewardScaler(1, 4, 0.99).scale(reward * np.float32(factor), ended=ended, live=live)
    assert np.allclose(one, other, rtol=1e-2, atol=1e-3)
    assert (np.sign(one) == np.sign(reward)).all()
