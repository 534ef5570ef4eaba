"""A reward that pays worse episodes more is refused; a doubtful one is not."""

import numpy as np
import pytest

from skillwright.envs import find_card
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Candidate, Program
from skillwright.rewards.screens.recording import record_random_episodes, record_random_transitions
from skillwright.rewards.screens.screener import Screener

CARD = find_card("CartPole-v1")
EPISODES = record_random_episodes(CARD, seed=0)
FITNESS = [score.fitness for score in Judge(CARD, "balance").score(EPISODES)]


def screening(expression, names=None, fitness=FITNESS):
    screener = Screener(CARD, record_random_transitions(CARD, seed=0), names)
    screener.learn(EPISODES, fitness)
    source = f"def reward(s, a, n):\n    return {{'x': {expression}}}\n"
    return screener.screen(Candidate(id="g0-c00", generation=0, operator="fresh", program=Program(source=source)))


def test_a_reward_that_pays_for_falling_early_is_refused_with_the_figures():
    refused = screening("-1.0 - np.abs(n.angle)")
    assert not refused.accepted
    assert "pays worse episodes more" in refused.reason and "0% only" in refused.reason


@pytest.mark.parametrize("expression", ["1.0 - np.abs(n.angle)", "n.vx", "5.0 * (np.abs(s.angle) - np.abs(n.angle))"])
def test_a_right_and_a_doubtful_reward_are_accepted(expression):
    assert screening(expression).accepted


def test_where_no_episode_is_better_nothing_is_said():
    assert screening("-1.0 - np.abs(n.angle)", fitness=[1.0] * len(EPISODES)).accepted


def test_without_screens_only_what_does_not_run_is_refused():
    assert screening("-1.0 - np.abs(n.angle)", names=()).accepted
    assert not screening("n.height", names=()).accepted


def test_random_episodes_are_whole_and_differ():
    lengths = [episode.num_transitions for episode in EPISODES]
    assert all(episode.terminated[-1] or episode.truncated[-1] for episode in EPISODES)
    assert len(set(lengths)) > 5 and np.ptp(FITNESS) > 0.02


def test_where_no_episode_ends_its_beginning_counts():
    card = find_card("Pendulum-v1")
    episodes = record_random_episodes(card, seed=0, num_steps=50)
    assert [episode.num_transitions for episode in episodes] == [50] * 16
