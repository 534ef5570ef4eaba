import numpy as np
import pytest

from skillwright.core import ConfigError
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant, EpisodeScore, Policy, Problem, ScoredBlock, TrainingPlan
from skillwright.learners.ppo import PopulationPPO

SMALL = {"num_envs": 4, "num_steps": 32, "minibatch_size": 32, "num_epochs": 2, "hidden_sizes": [16, 16]}


class Alive:
    """Rewards every step."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        ones = np.ones(block.num_transitions, np.float32)
        return ScoredBlock(ones, {"alive": ones})


def train(start: Policy | None = None, **settings) -> Policy:
    problem = Problem(
        card=find_card("Pendulum-v1"), score_episodes=lambda all: [EpisodeScore(None, 0.0, 0.0, 200) for _ in all]
    )
    plan = TrainingPlan(total_timesteps=512, report=lambda *_: None)
    learner = PopulationPPO.create({**SMALL, **settings}, where="test")
    [trained] = learner.train(problem, [Entrant(Alive(), 7, start)], plan)
    return trained.policy


def test_a_warm_start_begins_with_the_given_policy():
    teacher = train()
    pupil = train(teacher, learning_rate=1e-12)
    learned = [name for name in teacher.tensors if name not in ("mean", "scale")]
    assert "weight_2" in learned and "log_std" in learned
    assert all(np.allclose(pupil.tensors[name], teacher.tensors[name], atol=1e-6) for name in learned)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"minibatch_size": 0}, "at least 1"),
        ({"gae_lambda": 1.5}, "gae_lambda in"),
        ({"engine": "fast"}, "fused or torch"),
    ],
)
def test_a_wrong_setting_is_refused_with_words(settings, said):
    with pytest.raises(ConfigError, match=said):
        PopulationPPO.create(settings, where="card")
