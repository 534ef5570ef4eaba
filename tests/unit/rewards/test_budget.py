import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillwright.core import BudgetExceeded, ConfigError
from skillwright.rewards.budget import EvolutionConfig, share_out


def config(**values) -> EvolutionConfig:
    sizes = {"seed": 0, "num_candidates": 16, "num_generations": 3, "search_timesteps": 0, "final_timesteps": 0}
    return EvolutionConfig(**{**sizes, **values})


@given(
    candidates=st.integers(1, 64),
    generations=st.integers(1, 10),
    rollout=st.integers(16, 8192),
    factor=st.floats(1, 50),
)
def test_a_budget_is_spent_in_whole_rollouts_and_not_exceeded(candidates, generations, rollout, factor):
    wanted = config(num_candidates=candidates, num_generations=generations)
    smallest = 2 * rollout * (candidates * generations + 9)
    budget = int(smallest * factor) + 1
    shared = share_out(wanted, budget, rollout)
    assert shared.search_timesteps % rollout == 0 == shared.final_timesteps % rollout
    assert shared.search_timesteps >= 2 * rollout <= shared.final_timesteps
    assert shared.total_timesteps <= budget or factor < 3


def test_a_budget_too_small_says_what_would_do():
    with pytest.raises(BudgetExceeded, match="3 generations of 16 candidates") as caught:
        share_out(config(), 1000, 4096)
    enough = int(re.search(r"--timesteps (\d+)", str(caught.value)).group(1))
    assert share_out(config(), enough, 4096).search_timesteps == 8192
    with pytest.raises(BudgetExceeded):
        share_out(config(), enough - 1, 4096)


@pytest.mark.parametrize("name", ["num_candidates", "num_generations", "num_workers", "num_held_out"])
def test_sizes_must_be_positive(name):
    with pytest.raises(ConfigError, match="at least 1"):
        share_out(config(**{name: 0}), 10**9, 4096)
