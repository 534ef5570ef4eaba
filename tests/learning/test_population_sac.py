"""The learner reaches known scores (rl-zoo: Pendulum about -170)."""

import numpy as np
import pytest

from skillwright.envs import find_card
from skillwright.learners import Entrant, Problem, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.sac import PopulationSAC
from skillwright.rewards.judge import Judge
from skillwright.rewards.sources import EnvReward

pytestmark = [pytest.mark.learning, pytest.mark.slow]


@pytest.mark.parametrize("share_replay", [False, True])
def test_two_of_three_seeds_swing_the_pendulum_up(share_replay):
    card = find_card("Pendulum-v1")
    problem = Problem(card=card, score_episodes=Judge(card, "swing_up").score)
    plan = TrainingPlan(total_timesteps=6_000, report=lambda *_: None)
    learner = PopulationSAC.create({"share_replay": share_replay}, where="test")
    trained = learner.train(problem, [Entrant(EnvReward(), seed) for seed in range(3)], plan)
    policies = [one.policy for one in trained if one.policy]
    returns = [
        np.mean([episode.env_reward.sum() for episode in episodes])
        for episodes in play_episodes(card, policies, range(2_000_000_000, 2_000_000_020))
    ]
    assert sorted(returns)[1] >= -250, returns
