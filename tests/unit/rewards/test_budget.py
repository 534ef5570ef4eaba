import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillwright.core import BudgetExceeded, ConfigError
from skillwright.rewards.budget import EvolutionConfig, Rollouts, share_out


def config(**values) -> EvolutionConfig:
    sizes = {"seed": 0, "num_candidates": 16, "num_generations": 3, "search_timesteps": 0, "final_timesteps": 0}
    return EvolutionConfig(**{**sizes, **values})


@given(
    sizes=st.tuples(st.integers(1, 40), st.integers(1, 6), st.integers(1, 5)),
    rollouts=st.tuples(st.integers(16, 8192), st.integers(16, 8192)),
    factor=st.floats(1, 50),
    has_reference=st.booleans(),
)
def test_a_budget_is_spent_in_whole_rollouts_and_never_exceeded(sizes, rollouts, factor, has_reference):
    candidates, generations, workers = sizes
    wanted = config(
        num_candidates=candidates, num_generations=generations, num_workers=workers, has_reference=has_reference
    )
    budget = int(smallest_budget(wanted, Rollouts(*rollouts)) * factor)
    shared = share_out(wanted, budget, Rollouts(*rollouts))
    assert shared.search_timesteps % rollouts[0] == 0 == shared.final_timesteps % rollouts[1]
    assert shared.search_timesteps >= 2 * rollouts[0] and shared.final_timesteps >= 2 * rollouts[1]
    assert shared.total_timesteps <= budget


def smallest_budget(wanted: EvolutionConfig, rollouts: Rollouts) -> int:
    with pytest.raises(BudgetExceeded) as caught:
        share_out(wanted, 1, rollouts)
    return int(re.search(r"--timesteps (\d+)", str(caught.value)).group(1))


def test_a_budget_too_small_says_what_would_do():
    enough = smallest_budget(config(), Rollouts(2048, 4096))
    assert share_out(config(), enough, Rollouts(2048, 4096)).search_timesteps == 4096
    with pytest.raises(BudgetExceeded, match="3 generations of 16 candidates"):
        share_out(config(), enough - 1, Rollouts(2048, 4096))


@pytest.mark.parametrize("name", ["num_candidates", "num_generations", "num_workers", "num_held_out"])
def test_sizes_must_be_positive(name):
    with pytest.raises(ConfigError, match="at least 1"):
        share_out(config(**{name: 0}), 10**9, Rollouts(4096, 4096))
