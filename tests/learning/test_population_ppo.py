"""The learner reaches known scores (rl-zoo: CartPole 500, Pendulum about -170, Acrobot about -75)."""

import numpy as np
import pytest

from skillwright.envs import find_card
from skillwright.learners import Entrant, Problem, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.registry import make_learner
from skillwright.rewards.judge import Judge
from skillwright.rewards.sources import EnvReward

pytestmark = [pytest.mark.learning, pytest.mark.slow]


@pytest.mark.parametrize(
    ("env_id", "timesteps", "score"),
    [("CartPole-v1", 60_000, 475), ("Pendulum-v1", 120_000, -220), ("Acrobot-v1", 120_000, -100)],
)
def test_two_of_three_seeds_reach_the_known_score(env_id, timesteps, score):
    card = find_card(env_id)
    problem = Problem(card=card, score_episodes=Judge(card, next(iter(card.tasks))).score)
    plan = TrainingPlan(total_timesteps=timesteps, report=lambda *_: None)
    trained = make_learner(card).train(problem, [Entrant(EnvReward(), seed) for seed in range(3)], plan)
    policies = [one.policy for one in trained if one.policy]
    returns = [
        np.mean([episode.env_reward.sum() for episode in episodes])
        for episodes in play_episodes(card, policies, range(2_000_000_000, 2_000_000_020))
    ]
    assert sorted(returns)[1] >= score, returns
