from collections.abc import Sequence

import numpy as np
import pytest

from skillwright.core import ConfigError, CorruptArtifact, ProgramFailed
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant, EpisodeScore, Policy, Problem, Race, ScoredBlock, TrainingPlan
from skillwright.learners.registry import LEARNERS
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


class Spinning:
    """Pays for turning."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        speed = block.next_observation[:, 2]
        return ScoredBlock(speed, {"speed": speed})


class Failing:
    """Raises as a broken program does."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        raise ProgramFailed("line 3: KeyError: 'x'")


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


@pytest.mark.parametrize("settings", [{}, APART], ids=["shared", "apart"])
def test_the_same_seed_gives_identical_arrays(settings):
    one, two = (train([Upright(), Spinning()], [3, 4], settings=settings) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert identical(first, second)
        assert first.curve == second.curve


def test_another_seed_gives_another_policy():
    one, two = train([Upright(), Upright()], [3, 4], settings=APART)
    assert not identical(one, two)


def test_candidates_apart_do_not_depend_on_each_other():
    _, one = train([Spinning(), Upright()], [5, 4], settings=APART)
    _, other = train([Upright(), Upright()], [3, 4], settings=APART)
    assert identical(one, other)


def test_candidates_apart_meet_what_their_seed_says_and_nothing_else():
    heard, twin = Listening(), Listening()
    train([heard, twin], [3, 3], timesteps=128, settings=APART)
    assert np.array_equal(heard.blocks[0].observation, twin.blocks[0].observation)
    assert heard.blocks[0].num_transitions == 128


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


@pytest.mark.parametrize("settings", [{}, APART], ids=["shared", "apart"])
def test_a_failing_reward_ends_its_candidate_with_a_reason_and_not_its_neighbour(settings):
    failed, healthy = train([Failing(), Upright()], [3, 4], settings=settings)
    assert failed.policy is None and failed.failure == "line 3: KeyError: 'x'"
    assert healthy.policy is not None and not healthy.failure
    if settings == APART:
        _, undisturbed = train([Upright(), Upright()], [3, 4], settings=settings)
        assert identical(healthy, undisturbed)


@pytest.mark.parametrize(
    ("reward", "reason"),
    [
        (lambda ones: ones * np.nan, "not finite"),
        (lambda ones: ones[:-1], "has shape"),
        (lambda ones: ones.astype(str), "not an array of real numbers"),
        (lambda ones: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_broken_reward_ends_its_candidate_with_a_reason(reward, reason):
    class Broken:
        def score(self, block: TransitionBlock) -> ScoredBlock:
            value = reward(np.ones(block.num_transitions, np.float32))
            return ScoredBlock(value, {"x": value})

    broken, healthy = train([Broken(), Upright()], [3, 4])
    assert broken.policy is None and reason in broken.failure
    assert healthy.policy is not None


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


def test_a_candidate_that_diverges_is_ended_and_its_neighbour_learns_on():
    diverged, _ = train([Upright(), Upright()], [3, 4], settings={**APART, "learning_rate": 1e30})
    assert diverged.policy is None and "diverged" in diverged.failure


def test_a_population_that_has_failed_as_a_whole_stops():
    [failed] = train([Failing()], [3], timesteps=100_000)
    assert failed.timesteps == 128


def test_a_race_drops_the_worse_half_and_says_so():
    trained = train([Spinning(), Upright(), Spinning(), Upright()], [3, 3, 4, 4], timesteps=2048, heats=(0.5,))
    assert sorted(one.timesteps for one in trained) == [1024, 1024, 2048, 2048]
    assert all(bool("dropped after 1,024" in one.dropped) == (one.timesteps == 1024) for one in trained)
    assert all(one.policy and one.curve[-1].timesteps == one.timesteps for one in trained)


def test_a_failed_candidate_loses_the_race():
    failed, healthy = train([Failing(), Upright()], [3, 4], timesteps=2048, heats=(0.5,))
    assert failed.failure and not failed.dropped and failed.timesteps == 1024
    assert healthy.timesteps == 2048


class Memory:
    """Keeps all checkpoints."""

    def __init__(self, first: bytes | None = None) -> None:
        self.saved: list[bytes] = []
        self.first = first

    def load(self) -> bytes | None:
        return self.first

    def save(self, state: bytes) -> None:
        self.saved.append(state)


@pytest.mark.parametrize("settings", [{}, APART, {"replay_size": 300}], ids=["shared", "apart", "overwritten"])
def test_a_training_resumed_from_any_checkpoint_ends_bit_for_bit_the_same(settings):
    memory, seeds = Memory(), [3, 3, 4, 5]
    rewards = [Upright(), Failing(), Spinning(), Upright()]
    plan = {"timesteps": 1280, "heats": (0.5,), "stretch_timesteps": 1024, "settings": settings}
    unbroken = train(rewards, seeds, **plan, checkpoints=memory)
    assert len(memory.saved) == 5  # after every second rollout, and after the heat
    for state in memory.saved:
        resumed = train(rewards, seeds, **plan, checkpoints=Memory(state))
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
    train([Upright(), Upright()], [3, 4], stretch_timesteps=256, checkpoints=memory)
    state, begin = memory.saved[0], {"seeds": [3, 4], "rewards": [Upright(), Upright()]}
    for change in (
        {"checkpoints": Memory(state[:-5])},
        {"card": LANDER},
        {"settings": APART},
        {"settings": {"hidden_sizes": [16, 8]}},
        {"rewards": [Upright()], "seeds": [3]},
    ):
        with pytest.raises(CorruptArtifact):
            train(**{"checkpoints": Memory(state), **begin, **change})


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


def test_a_warm_start_begins_with_the_observations_the_policy_knew():
    [teacher] = train([Upright()], [3], timesteps=1024)
    mean = teacher.policy.tensors["mean"] + np.float32(100.0)
    start = Policy(spec=teacher.policy.spec, tensors={**teacher.policy.tensors, "mean": mean})
    assert (warm(start).tensors["mean"] > 90).all()


@pytest.mark.parametrize("other", ["hidden_sizes", "ppo"])
def test_a_warm_start_from_another_architecture_is_refused(other):
    problem = Problem(card=PENDULUM, score_episodes=by_height)
    plan = TrainingPlan(total_timesteps=64, report=lambda *_: None)
    settings = {"num_envs": 2, "num_steps": 32, "hidden_sizes": [16, 16] if other == "ppo" else [16, 8]}
    learner = LEARNERS.resolve("ppo" if other == "ppo" else "sac").create(settings, where="test")
    [teacher] = learner.train(problem, [Entrant(Upright(), 3)], plan)
    with pytest.raises(ConfigError, match="cannot start from this policy"):
        warm(teacher.policy)


def test_choices_are_left_to_ppo():
    with pytest.raises(ConfigError, match="use the learner ppo"):
        train([Upright()], [3], card=find_card("CartPole-v1"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"gama": 0.9}, "did you mean 'gamma'"),
        ({"gamma": "high"}, "expected float"),
        ({"num_envs": 0}, "at least 1"),
        ({"num_steps": 1}, "at least 2"),
        ({"replay_size": 100}, "at least batch_size"),
        ({"tau": 0.0}, "tau must be"),
        ({"initial_temperature": 0.0}, "must be positive"),
        ({"hidden_sizes": []}, "at least one layer"),
    ],
)
def test_a_wrong_setting_is_refused_with_words(settings, said):
    with pytest.raises(ConfigError, match=said):
        PopulationSAC.create(settings, where="card")
