from collections.abc import Sequence

import numpy as np
import pytest

from skillwright.core import ConfigError
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant, EpisodeScore, Policy, Problem, Race, ScoredBlock, TrainingPlan
from skillwright.learners.sac import PopulationSAC

SMALL = {"num_envs": 4, "num_steps": 32, "batch_size": 16, "updates_per_step": 0.125, "learning_starts": 200}
SMALL |= {"hidden_sizes": [16, 16]}
APART = {"share_replay": False}
PENDULUM = find_card("Pendulum-v1")
LANDER = find_card("LunarLanderContinuous-v3")


class Upright:
    """Pays for height."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        height = block.next_observation[:, 0]
        return ScoredBlock(height, {"height": height})


class Listening(Upright):
    """Remembers what it scored."""

    def __init__(self) -> None:
        self.blocks: list[TransitionBlock] = []

    def score(self, block: TransitionBlock) -> ScoredBlock:
        self.blocks.append(block)
        return super().score(block)


def by_height(episodes: Sequence[TransitionBlock]) -> list[EpisodeScore]:
    return [EpisodeScore(None, float(one.next_observation[:, 0].mean()), 0.0, one.num_transitions) for one in episodes]


def train(rewards, seeds, timesteps: int = 512, *, settings=None, card=PENDULUM, heats: tuple[float, ...] = (), **plan):
    entrants = [Entrant(reward, seed) for reward, seed in zip(rewards, seeds, strict=True)]
    plan = TrainingPlan(total_timesteps=timesteps, race=Race(heats=heats), **{"report": lambda *_: None, **plan})
    learner = PopulationSAC.create({**SMALL, **(settings or {})}, where="test")
    return learner.train(Problem(card=card, score_episodes=by_height), entrants, plan)


def identical(one, other) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(tensors_of(one), tensors_of(other), strict=True))


def tensors_of(trained) -> list[np.ndarray]:
    return [tensor for _, tensor in sorted(trained.policy.tensors.items())]


def test_candidates_that_share_score_the_transitions_of_all():
    heard, other = Listening(), Listening()
    train([heard, other], [3, 4], timesteps=256)
    for mine, theirs in zip(heard.blocks, other.blocks, strict=True):
        assert mine.num_transitions == 256
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def test_candidates_of_one_seed_that_share_meet_the_same_worlds_and_explore_them_differently():
    heard = Listening()
    train([heard, Upright()], [3, 3], timesteps=128)
    [block] = heard.blocks
    begin, action = (column.reshape(2, 32, 4, -1)[:, 0] for column in (block.observation, block.action))
    assert np.array_equal(begin[0], begin[1]) and not np.array_equal(action[0], action[1])


def test_the_curve_tells_of_a_candidates_own_transitions():
    shared, apart = (train([Upright(), Upright()], [3, 4], 128, settings=one) for one in ({}, APART))
    rewards = [[trained.curve[0].reward for trained in each] for each in (shared, apart)]
    assert rewards[0][0] != rewards[0][1] and rewards[1][0] != rewards[1][1]
    heard = Listening()
    [alone, _] = train([heard, Upright()], [3, 4], 128)
    own = heard.blocks[0].next_observation[:128, 0]
    assert alone.curve[0].terms == {"height": pytest.approx(float(own.mean()), abs=1e-6)}
    assert alone.curve[0].timesteps == 128


def test_a_reward_that_is_always_zero_is_no_failure():
    class Silent:
        def score(self, block: TransitionBlock) -> ScoredBlock:
            zero = np.zeros(block.num_transitions, np.float32)
            return ScoredBlock(zero, {"nothing": zero})

    [trained] = train([Silent()], [3])
    assert all(np.isfinite(tensor).all() for tensor in tensors_of(trained))


def test_the_size_of_a_reward_does_not_matter():
    class Huge(Upright):
        def score(self, block: TransitionBlock) -> ScoredBlock:
            reward = super().score(block).reward * np.float32(2**15)
            return ScoredBlock(reward, {"height": reward})

    small, huge = train([Upright(), Huge()], [3, 3], settings=APART)
    observation = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    assert np.allclose(small.policy.act(observation), huge.policy.act(observation), atol=1e-3)


def warm(start: Policy, **settings) -> Policy:
    problem = Problem(card=PENDULUM, score_episodes=by_height)
    plan = TrainingPlan(total_timesteps=512, report=lambda *_: None)
    learner = PopulationSAC.create({**SMALL, **settings}, where="test")
    [pupil] = learner.train(problem, [Entrant(Upright(), 7, start)], plan)
    return pupil.policy


def test_a_warm_start_keeps_the_given_policy_until_its_critics_have_learned():
    [teacher] = train([Upright()], [3], timesteps=1024)
    kept, changed = (warm(teacher.policy, warm_up_updates=num) for num in (10_000, 20))
    learned = [name for name in kept.tensors if name not in ("mean", "scale")]
    assert "weight_2" in learned and "log_std_weight" in learned and "log_temperature" in learned
    assert all(np.array_equal(kept.tensors[name], teacher.policy.tensors[name]) for name in learned)
    assert not np.array_equal(changed.tensors["weight_2"], kept.tensors["weight_2"])


def test_choices_are_left_to_ppo():
    with pytest.raises(ConfigError, match="use the learner ppo"):
        train([Upright()], [3], card=find_card("CartPole-v1"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"num_steps": 1}, "at least 2"),
        ({"replay_size": 100}, "at least batch_size"),
        ({"tau": 0.0}, "tau must be"),
        ({"initial_temperature": 0.0}, "must be positive"),
    ],
)
def test_a_wrong_setting_is_refused_with_words(settings, said):
    with pytest.raises(ConfigError, match=said):
        PopulationSAC.create(settings, where="card")
