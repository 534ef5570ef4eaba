"""What a log teaches: the better of what was done, under whatever reward it is scored with."""

import numpy as np
import pytest

from skillwright.core.errors import ConfigError
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant, EpisodeScore, Problem, TrainingPlan
from skillwright.learners.registry import make_learner
from skillwright.learners.warm_start import Relabelled, refuse_unable, warm_start
from skillwright.rewards.sources import EnvReward

NUM_EPISODES, LENGTH = 40, 25


def world(name, algorithm="ppo", **settings):
    card = find_card(name)
    preset = card.learner.model_copy(update={"algorithm": algorithm, "settings": settings})
    return card.model_copy(update={"learner": preset})


SMALL_PPO = {"num_envs": 2, "num_steps": 32, "num_epochs": 1, "minibatch_size": 32, "hidden_sizes": [16]}
SMALL_SAC = {"num_envs": 2, "num_steps": 8, "learning_starts": 64, "hidden_sizes": [16]}
CARTPOLE = world("CartPole-v1", **SMALL_PPO)
PENDULUM = world("Pendulum-v1", **SMALL_PPO)
PENDULUM_SAC = world("Pendulum-v1", "sac", **SMALL_SAC)


def random_log(card, pays):
    """Random states and actions; what is paid depends on the state's first number and on the action."""
    random = np.random.default_rng(0)
    num = NUM_EPISODES * LENGTH
    states = random.normal(size=(num + 1, card.observation_size)).astype(np.float32)
    low, high = np.array(card.actions.bounds)
    is_discrete = card.actions.kind == "discrete"
    action = random.integers(card.actions.size, size=num) if is_discrete else random.uniform(low, high, (num, low.size))
    ends = np.arange(1, NUM_EPISODES + 1) * LENGTH
    truncated = np.zeros(num, np.bool_)
    truncated[ends - 1] = True
    block = TransitionBlock(
        states[:-1], action if is_discrete else action.astype(np.float32), states[1:],
        np.zeros(num, np.bool_), truncated, np.zeros(num, np.float32),
    )  # fmt: skip
    return Relabelled(block, ends, pays(block).astype(np.float32))


def pays_left_where_negative(block):
    return np.where(block.observation[:, 0] < 0, block.action == 0, block.action == 1)


def pays_right_where_negative(block):
    return 1 - pays_left_where_negative(block)


def pays_push_against(block):
    return -np.square(block.action[:, 0] + 2.0 * np.sign(block.observation[:, 0]))


@pytest.mark.parametrize(("pays", "wanted"), [(pays_left_where_negative, [0, 1]), (pays_right_where_negative, [1, 0])])
def test_one_log_teaches_opposite_choices_under_opposite_rewards(pays, wanted):
    policy = warm_start(CARTPOLE, make_learner(CARTPOLE), random_log(CARTPOLE, pays), seed=0)
    states = np.zeros((2, CARTPOLE.observation_size), np.float32)
    states[:, 0] = [-1.0, 1.0]
    assert policy.act(states).tolist() == wanted


@pytest.mark.parametrize("card", [PENDULUM, PENDULUM_SAC], ids=["ppo", "sac"])
def test_continuous_actions_lean_to_where_it_pays(card):
    policy = warm_start(card, make_learner(card), random_log(card, pays_push_against), seed=0)
    states = np.zeros((2, card.observation_size), np.float32)
    states[:, 0] = [-1.0, 1.0]
    first, second = policy.act(states)[:, 0]
    assert first > 0.3 and second < -0.3


@pytest.mark.parametrize("card", [CARTPOLE, PENDULUM, PENDULUM_SAC], ids=["choices", "gaussian", "squashed"])
def test_a_learner_can_begin_with_it(card):
    def score(episodes):
        return [EpisodeScore(None, 0.0, 0.0, one.num_transitions) for one in episodes]

    learner = make_learner(card)
    log = random_log(card, lambda block: block.observation[:, 0])
    start = warm_start(card, learner, log, seed=0)
    plan = TrainingPlan(total_timesteps=learner.rollout_timesteps, report=lambda *_: None)
    [trained] = learner.train(Problem(card=card, score_episodes=score), [Entrant(EnvReward(), 0, start)], plan)
    assert trained.policy and not trained.failure


@pytest.mark.parametrize("card", [CARTPOLE, PENDULUM_SAC], ids=["ppo", "sac"])
def test_the_same_log_and_seed_give_identical_arrays(card):
    log = random_log(card, lambda block: block.observation[:, 0])
    one, again = (warm_start(card, make_learner(card), log, seed=3).tensors for _ in range(2))
    assert one.keys() == again.keys()
    for name, tensor in one.items():
        np.testing.assert_array_equal(tensor, again[name])


def test_what_is_always_done_leaves_room_to_explore():
    """A log of one choice, or of one value, would give a policy that never tries anything else."""
    log = random_log(CARTPOLE, lambda block: block.observation[:, 0])
    always = log._replace(block=log.block._replace(action=np.zeros_like(log.block.action)))
    policy = warm_start(CARTPOLE, make_learner(CARTPOLE), always, seed=0)
    hidden = np.tanh(
        (log.block.observation - policy.tensors["mean"]) * policy.tensors["scale"] @ policy.tensors["weight_0"]
        + policy.tensors["bias_0"]
    )
    logits = hidden @ policy.tensors["weight_1"] + policy.tensors["bias_1"]
    other = 1.0 / (1.0 + np.exp(logits[:, 0] - logits[:, 1]))
    assert 0.02 < other.mean() < 0.5
    log = random_log(PENDULUM, lambda block: block.observation[:, 0])
    always_ = log._replace(block=log.block._replace(action=np.zeros_like(log.block.action)))
    assert warm_start(PENDULUM, make_learner(PENDULUM), always_, seed=0).tensors["log_std"] >= -1.0


def test_a_learner_of_another_kind_is_refused():
    class Other:
        rollout_timesteps = 1

        def train(self, problem, entrants, plan):
            return []

    with pytest.raises(ConfigError, match="'other' cannot begin with what experience teaches"):
        refuse_unable(Other(), "other")
