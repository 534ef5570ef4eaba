"""A reward that rises while the fitness does not is named; everything else is left in peace."""

import pytest

from skillwright.rewards.hacking import find_hack
from skillwright.rewards.records import Trained

from .generations import curve, judgement

RISING, FALLING, FLAT = [float(i) for i in range(12)], [float(-i) for i in range(12)], [0.5] * 12


def trained(name, rewards, fitness, final):
    return Trained(
        candidate_id=name, seed=0, timesteps=1, policy="p", curve=curve(rewards, fitness), judgement=judgement(final)
    )


OTHERS = [trained("good", RISING, RISING, 0.9), trained("fair", RISING, RISING, 0.5)]


@pytest.mark.parametrize("fitness", [FALLING, FLAT])
def test_a_reward_that_rises_while_the_fitness_does_not_is_suspected(fitness):
    one = trained("bad", RISING, fitness, 0.1)
    assert "reward hacking" in find_hack(one, [*OTHERS, one])


@pytest.mark.parametrize(("rewards", "fitness"), [(RISING, RISING), (FALLING, FALLING), (FLAT, FLAT), (FLAT, FALLING)])
def test_a_reward_that_goes_with_the_fitness_or_does_not_rise_is_not(rewards, fitness):
    one = trained("plain", rewards, fitness, 0.1)
    assert find_hack(one, [*OTHERS, one]) == ""


def test_a_policy_that_is_better_than_most_is_not_suspected():
    one = trained("best", RISING, FALLING, 0.95)
    assert find_hack(one, [*OTHERS, one]) == ""


def test_a_short_curve_says_nothing():
    one = Trained(
        candidate_id="short", seed=0, timesteps=1, policy="p", curve=curve(RISING[:4], FALLING[:4]),
        judgement=judgement(0.0),
    )  # fmt: skip
    assert find_hack(one, [*OTHERS, one]) == ""


def test_a_candidate_that_failed_is_not_suspected():
    one = Trained(candidate_id="x", seed=0, timesteps=1, policy=None, curve=[], judgement=None, failure="no")
    assert find_hack(one, [*OTHERS, one]) == ""
