"""A reward that pays worse episodes of earlier candidates more is refused, with its figure."""

import numpy as np
import pytest

from skillwright.envs import find_card
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Candidate, Program
from skillwright.rewards.screens.agreement import kendall_tau
from skillwright.rewards.screens.recording import record_random_episodes, record_random_transitions
from skillwright.rewards.screens.screener import Screener

CARD = find_card("CartPole-v1")
EPISODES = record_random_episodes(CARD, seed=0)
FITNESS = [score.fitness for score in Judge(CARD, "balance").score(EPISODES)]


def reason(expression, episodes=EPISODES, fitness=FITNESS):
    screener = Screener(CARD, record_random_transitions(CARD, seed=0), ["agreement"])
    screener.recall(episodes, fitness)
    source = f"def reward(s, a, n):\n    return {{'x': {expression}}}\n"
    candidate = Candidate(id="c", generation=0, operator="fresh", program=Program(source=source))
    return screener.screen(candidate).reason


def test_a_reward_that_pays_short_episodes_more_is_refused_with_its_figure():
    refusal = reason("-1.0 - 0.0 * n.x")
    assert "pays worse episodes of earlier candidates more" in refusal
    assert "is -1.00" in refusal


def test_a_reward_that_pays_for_every_step_is_not_refused():
    assert reason("1.0 + 0.0 * n.x") == ""


def test_a_reward_that_has_nothing_to_do_with_fitness_is_not_refused():
    random = np.random.default_rng(0)
    refused = [bool(reason("n.vx", fitness=list(random.permutation(FITNESS)))) for _ in range(10)]
    assert sum(refused) <= 2


def test_too_few_episodes_say_nothing():
    assert reason("-1.0 - 0.0 * n.x", EPISODES[:23], FITNESS[:23]) == ""


def test_episodes_that_are_equally_good_say_nothing():
    assert reason("-1.0 - 0.0 * n.x", fitness=[1.0] * len(EPISODES)) == ""


def test_without_experience_nothing_is_said():
    assert reason("-1.0 - 0.0 * n.x", [], []) == ""


@pytest.mark.parametrize("seed", range(3))
def test_tau_is_scipys(seed):
    from scipy.stats import kendalltau

    random = np.random.default_rng(seed)
    ones, others = random.integers(0, 6, 40).astype(float), random.integers(0, 6, 40).astype(float)
    assert kendall_tau(ones, others) == pytest.approx(kendalltau(ones, others).statistic, abs=1e-12)
