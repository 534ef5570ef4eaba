from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from skillwright.core import ConfigError, CorruptArtifact, ProgramFailed
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant, EpisodeScore, Problem, Race, ScoredBlock, TrainingPlan
from skillwright.learners.ppo import PopulationPPO

SMALL = {"num_envs": 4, "num_steps": 32, "minibatch_size": 32, "num_epochs": 2, "hidden_sizes": [16, 16]}


class Alive:
    """Rewards every step."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        ones = np.ones(block.num_transitions, np.float32)
        return ScoredBlock(ones, {"alive": ones})


class Failing:
    """Raises as a broken program does."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        raise ProgramFailed("line 3: KeyError: 'x'")


def by_length(episodes: Sequence[TransitionBlock]) -> list[EpisodeScore]:
    return [EpisodeScore(None, float(one.num_transitions), 0.0, one.num_transitions) for one in episodes]


def train(env_id: str, rewards, seeds, timesteps: int = 512, heats: tuple[float, ...] = (), **plan):
    problem = Problem(card=find_card(env_id), score_episodes=by_length)
    entrants = [Entrant(reward, seed) for reward, seed in zip(rewards, seeds, strict=True)]
    plan = TrainingPlan(total_timesteps=timesteps, race=Race(heats=heats), **{"report": lambda *_: None, **plan})
    return PopulationPPO.create(SMALL, where="test").train(problem, entrants, plan)


def identical(one, other) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(tensors_of(one), tensors_of(other), strict=True))


def tensors_of(trained) -> list[np.ndarray]:
    return [tensor for _, tensor in sorted(trained.policy.tensors.items())]


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_the_same_seed_gives_identical_arrays(env_id):
    one, two = (train(env_id, [Alive(), Alive()], [3, 4]) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert identical(first, second)
        assert first.curve == second.curve


def test_another_seed_gives_another_policy():
    one, two = train("CartPole-v1", [Alive(), Alive()], [3, 4])
    assert not identical(one, two)


def test_a_failing_reward_ends_its_candidate_with_a_reason_and_not_its_neighbour():
    failed, healthy = train("CartPole-v1", [Failing(), Alive()], [3, 4])
    _, undisturbed = train("CartPole-v1", [Alive(), Alive()], [3, 4])
    assert failed.policy is None and failed.failure == "line 3: KeyError: 'x'"
    assert identical(healthy, undisturbed)


def test_the_curve_counts_timesteps_and_terms():
    [trained] = train("CartPole-v1", [Alive()], [0])
    assert [point.timesteps for point in trained.curve] == [128, 256, 384, 512]
    assert all(point.terms == {"alive": pytest.approx(1.0)} for point in trained.curve)
    assert sum(len(point.episodes) for point in trained.curve) > 5


def test_a_race_drops_the_worse_half_and_says_so():
    class Falling(Alive):
        """Pays for falling at once."""

        def score(self, block: TransitionBlock) -> ScoredBlock:
            reward = block.terminated.astype(np.float32)
            return ScoredBlock(reward, {"fall": reward})

    trained = train("CartPole-v1", [Falling(), Alive(), Falling(), Alive()], [3] * 4, timesteps=8192, heats=(0.5,))
    assert [one.timesteps for one in trained] == [4096, 8192, 4096, 8192]
    assert ["dropped after 4,096" in one.dropped for one in trained] == [True, False, True, False]
    assert all(one.policy and one.curve[-1].timesteps == one.timesteps for one in trained)


class Returning(Alive):
    """Gives what it is told to."""

    def __init__(self, reward) -> None:
        self.reward = reward

    def score(self, block: TransitionBlock) -> ScoredBlock:
        reward = self.reward(np.ones(block.num_transitions, np.float32))
        return ScoredBlock(reward, {"alive": reward})


@pytest.mark.parametrize(
    ("reward", "reason"),
    [
        (lambda ones: ones * np.nan, "not finite"),
        (lambda ones: ones * np.inf, "not finite"),
        (lambda ones: ones[:-1], "has shape"),
        (lambda ones: np.stack([ones, ones]), "has shape"),
        (lambda ones: ones.astype(str), "not an array of real numbers"),
        (lambda ones: ones.astype(object), "not an array of real numbers"),
        (lambda ones: 1.0, "not an array of real numbers"),
        (lambda ones: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_broken_reward_ends_its_candidate_with_a_reason_and_not_its_neighbour(reward, reason):
    broken, healthy = train("CartPole-v1", [Returning(reward), Alive()], [3, 4])
    _, undisturbed = train("CartPole-v1", [Alive(), Alive()], [3, 4])
    assert broken.policy is None and reason in broken.failure
    assert identical(healthy, undisturbed)


def test_a_population_that_has_failed_as_a_whole_stops():
    [failed] = train("CartPole-v1", [Failing()], [3], timesteps=100_000)
    assert failed.timesteps == 128


class Memory:
    """Keeps all checkpoints."""

    def __init__(self, first: bytes | None = None) -> None:
        self.saved: list[bytes] = []
        self.first = first

    def load(self) -> bytes | None:
        return self.first

    def save(self, state: bytes) -> None:
        self.saved.append(state)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_a_training_resumed_from_any_checkpoint_ends_bit_for_bit_the_same(env_id):
    memory, seeds = Memory(), [3, 3, 4, 5]
    rewards = [Alive(), Failing(), Alive(), Alive()]
    plan = {"timesteps": 1280, "heats": (0.5,), "stretch_timesteps": 1024}
    unbroken = train(env_id, rewards, seeds, **plan, checkpoints=memory)
    assert len(memory.saved) == 5  # after every second rollout, and after the heat
    for state in memory.saved:
        resumed = train(env_id, rewards, seeds, **plan, checkpoints=Memory(state))
        for one, other in zip(unbroken, resumed, strict=True):
            assert one.policy is None or identical(one, other)
            assert (one.curve, one.timesteps, one.failure, one.dropped) == (
                other.curve,
                other.timesteps,
                other.failure,
                other.dropped,
            )


def test_a_damaged_or_foreign_checkpoint_is_refused():
    memory = Memory()
    train("CartPole-v1", [Alive()], [3], stretch_timesteps=128, checkpoints=memory)
    for env_id, state in (("CartPole-v1", memory.saved[0][:-5]), ("Pendulum-v1", memory.saved[0])):
        with pytest.raises(CorruptArtifact):
            train(env_id, [Alive()], [3], checkpoints=Memory(state))


def test_a_warm_start_begins_with_the_given_policy():
    [teacher] = train("Pendulum-v1", [Alive()], [3], timesteps=1024)
    problem = Problem(card=find_card("Pendulum-v1"), score_episodes=by_length)
    learner = PopulationPPO.create({**SMALL, "learning_rate": 1e-12}, where="test")
    plan = TrainingPlan(total_timesteps=128, report=lambda *_: None)
    [pupil] = learner.train(problem, [Entrant(Alive(), 7, teacher.policy)], plan)
    observation = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
    assert np.allclose(pupil.policy.act(observation), teacher.policy.act(observation), atol=0.05)


def test_a_warm_start_from_another_architecture_is_refused():
    [teacher] = train("CartPole-v1", [Alive()], [3], timesteps=128)
    problem = Problem(card=find_card("Pendulum-v1"), score_episodes=by_length)
    plan = TrainingPlan(total_timesteps=128, report=lambda *_: None)
    with pytest.raises(ConfigError, match="other layers"):
        PopulationPPO.create(SMALL, where="test").train(problem, [Entrant(Alive(), 7, teacher.policy)], plan)


def test_a_warm_start_from_another_kind_of_network_is_refused():
    [teacher] = train("Pendulum-v1", [Alive()], [3], timesteps=128)
    spec = teacher.policy.spec.model_copy(update={"activation": "relu", "squash": "tanh"})
    problem = Problem(card=find_card("Pendulum-v1"), score_episodes=by_length)
    plan = TrainingPlan(total_timesteps=128, report=lambda *_: None)
    foreign = replace(teacher.policy, spec=spec)
    with pytest.raises(ConfigError, match="another kind of learner"):
        PopulationPPO.create(SMALL, where="test").train(problem, [Entrant(Alive(), 7, foreign)], plan)


def test_a_race_does_not_change_what_survives_it_but_for_its_worlds():
    alone = train("CartPole-v1", [Alive(), Alive()], [3, 3], timesteps=1024, heats=(0.5,))
    again = train("CartPole-v1", [Alive(), Alive()], [3, 3], timesteps=1024, heats=(0.5,))
    for first, second in zip(alone, again, strict=True):
        assert identical(first, second)


def test_a_failed_candidate_loses_the_race():
    failed, healthy = train("CartPole-v1", [Failing(), Alive()], [3, 4], heats=(0.5,))
    assert failed.failure and not failed.dropped and failed.timesteps == 256
    assert healthy.timesteps == 512


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"gama": 0.9}, "did you mean 'gamma'"), ({"gamma": "high"}, "expected float"), ({"num_envs": 0}, "at least 1")],
)
def test_a_wrong_setting_is_refused_with_words(settings, said):
    with pytest.raises(ConfigError, match=said):
        PopulationPPO.create(settings, where="card")
