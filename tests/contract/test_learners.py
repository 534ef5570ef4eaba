"""Every registered learner keeps the contract of Learner, whatever its candidates learn by."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from skillwright.core import ConfigError, CorruptArtifact, ProgramFailed
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import (
    Entrant,
    EpisodeScore,
    LearningPoint,
    Policy,
    Problem,
    Race,
    ScoredBlock,
    TrainedPolicy,
    TrainingPlan,
)
from skillwright.learners.registry import LEARNERS

ROLLOUT = 128
"""Env steps of a candidate in one rollout of every case."""
SMALL = {"num_envs": 4, "num_steps": 32, "hidden_sizes": [16, 16]}
PPO = {**SMALL, "minibatch_size": 32, "num_epochs": 2}
SAC = {**SMALL, "batch_size": 16, "updates_per_step": 0.125, "learning_starts": 200}


@dataclass(frozen=True)
class Case:
    """A learner as it is tried."""

    algorithm: str
    env_id: str
    settings: dict[str, Any]
    is_independent: bool = True
    """Whether a candidate's result depends on nothing of the others."""
    others: dict[str, Any] = field(default_factory=lambda: {"hidden_sizes": [16, 8]})
    """Settings with which its state means something else."""


CASES = {
    "ppo choosing": Case("ppo", "CartPole-v1", PPO),
    "ppo steering": Case("ppo", "Pendulum-v1", PPO),
    "sac": Case("sac", "Pendulum-v1", SAC, is_independent=False, others={"share_replay": False}),
    "sac apart": Case("sac", "Pendulum-v1", {**SAC, "share_replay": False}, others={"share_replay": True}),
    "sac forgetting": Case("sac", "Pendulum-v1", {**SAC, "replay_size": 300}, is_independent=False),
}
INDEPENDENT = [name for name, case in CASES.items() if case.is_independent]


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return CASES[request.param]


class Component:
    """Pays what one number of the state after shows, and remembers where."""

    def __init__(self, index: int = 0) -> None:
        self.index = index
        self.blocks: list[TransitionBlock] = []

    def score(self, block: TransitionBlock) -> ScoredBlock:
        self.blocks.append(block)
        shown = block.next_observation[:, self.index]
        return ScoredBlock(shown, {"half": shown / 2, "rest": shown / 2})


class Failing:
    """Raises as a broken program does."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        raise ProgramFailed("line 3: KeyError: 'x'")


class Memory:
    """Keeps all checkpoints."""

    def __init__(self, first: bytes | None = None) -> None:
        self.saved: list[bytes] = []
        self.first = first

    def load(self) -> bytes | None:
        return self.first

    def save(self, state: bytes) -> None:
        self.saved.append(state)


def judged(episodes: Sequence[TransitionBlock]) -> list[EpisodeScore]:
    """Judges by how steady the first number of the state is."""
    return [EpisodeScore(None, -float(one.next_observation[:, 0].std()), 0.0, one.num_transitions) for one in episodes]


def train(
    case: Case, entrants: Sequence[Entrant], timesteps: int = 512, *, score=judged, **plan
) -> list[TrainedPolicy]:
    problem = Problem(card=find_card(case.env_id), score_episodes=score)
    plan = TrainingPlan(total_timesteps=timesteps, **{"report": lambda *_: None, **plan})
    return LEARNERS.resolve(case.algorithm).create(case.settings, where="test").train(problem, entrants, plan)


def two(first: object, second: object) -> list[Entrant]:
    return [Entrant(first, 3), Entrant(second, 4)]


def record(trained: TrainedPolicy) -> tuple[str, int, str, str]:
    """Everything but the policy; NaN and infinities are as good as any number."""
    return repr(trained.curve), trained.timesteps, trained.failure, trained.dropped


def identical(one: TrainedPolicy, other: TrainedPolicy) -> bool:
    if not (one.policy and other.policy):
        return one.policy is other.policy
    first, second = one.policy.tensors, other.policy.tensors
    same = all(np.array_equal(first[name], second[name]) for name in first)
    return same and set(first) == set(second) and one.policy.spec == other.policy.spec


def test_every_registered_learner_is_tried():
    assert {case.algorithm for case in CASES.values()} == set(LEARNERS.names())


def test_the_same_seeds_give_identical_arrays(case):
    ones, others = (train(case, two(Component(), Component(1))) for _ in range(2))
    for one, other in zip(ones, others, strict=True):
        assert one.policy and identical(one, other) and record(one) == record(other)


def test_another_seed_gives_another_policy(case):
    one, other = train(case, two(Component(), Component()))
    assert not identical(one, other)


def test_another_reward_gives_another_policy(case):
    one, other = (train(case, [Entrant(Component(index), 3)]) for index in (0, 1))
    assert not identical(*one, *other)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_an_independent_candidate_depends_on_none_of_the_others(name):
    _, one = train(CASES[name], [Entrant(Component(1), 5), Entrant(Component(), 4)])
    _, other = train(CASES[name], [Entrant(Failing(), 6), Entrant(Component(), 4)])
    assert identical(one, other) and record(one) == record(other)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_independent_candidates_of_one_seed_meet_the_same_worlds(name):
    sources = [Component(), Component(), Component()]
    train(CASES[name], [Entrant(source, seed) for source, seed in zip(sources, (3, 3, 4), strict=True)], ROLLOUT)
    one, twin, other = (source.blocks[0].observation for source in sources)
    assert np.array_equal(one, twin) and not np.array_equal(one[0], other[0])


def test_the_curve_tells_of_every_rollout(case):
    [trained] = train(case, [Entrant(Component(), 3)], 8 * ROLLOUT)
    assert [point.timesteps for point in trained.curve] == [ROLLOUT * number for number in range(1, 9)]
    for point in trained.curve:
        assert set(point.terms) == {"half", "rest"} and point.reward == pytest.approx(sum(point.terms.values()))
    assert sum(len(point.episodes) for point in trained.curve) >= 4


def test_progress_is_reported_after_every_rollout(case):
    heard = []
    train(case, two(Component(), Component()), 8 * ROLLOUT, report=lambda *news: heard.append(news))
    assert [timesteps for timesteps, _ in heard] == [2 * ROLLOUT * number for number in range(1, 9)]
    assert heard[-1][1] is not None and heard[-1][1] <= 0


def test_a_trained_policy_survives_its_file_and_acts_within_the_world(case):
    [trained] = train(case, [Entrant(Component(), 3)])
    card, twin = find_card(case.env_id), Policy.from_bytes(trained.policy.to_bytes())
    observation = 5 * np.random.default_rng(0).normal(size=(50, card.observation_size)).astype(np.float32)
    action = twin.act(observation)
    assert twin.spec == trained.policy.spec and twin.spec.env_id == card.id
    assert np.array_equal(action, trained.policy.act(observation)) and len(np.unique(action)) > 1
    if card.actions.kind == "discrete":
        assert set(action) <= set(range(card.actions.size))
    else:
        low, high = card.actions.bounds
        assert (action >= low).all() and (action <= high).all()


def test_a_failing_reward_ends_its_candidate_with_a_reason_and_not_its_neighbour(case):
    failed, healthy = train(case, two(Failing(), Component()))
    assert failed.policy is None and failed.failure == "line 3: KeyError: 'x'"
    assert healthy.policy and not healthy.failure and healthy.timesteps == 512


def test_a_candidate_that_diverges_is_ended_with_a_reason(case):
    wild = replace(case, settings={**case.settings, "learning_rate": 1e30})
    for trained in train(wild, two(Component(), Component()), 1024):
        assert trained.policy is None and "diverged" in trained.failure


def test_a_population_that_has_failed_as_a_whole_stops(case):
    [failed] = train(case, [Entrant(Failing(), 3)], 100_000)
    assert failed.failure and failed.timesteps == ROLLOUT


def fitness_at(timesteps: int, curve: list[LearningPoint]) -> float:
    scores = [score.fitness for point in curve if point.timesteps <= timesteps for score in point.episodes]
    return float(np.mean(scores[-32:]))


def test_a_race_drops_the_worse_half_and_says_so(case):
    entrants = [Entrant(Component(index), seed) for seed in (3, 4) for index in (0, 1)]
    trained = train(case, entrants, 16 * ROLLOUT, race=Race(heats=(0.5,)))
    assert sorted(one.timesteps for one in trained) == [8 * ROLLOUT] * 2 + [16 * ROLLOUT] * 2
    assert all(("dropped after 1,024" in one.dropped) == (one.timesteps == 1024) for one in trained)
    assert all(one.policy and one.curve[-1].timesteps == one.timesteps for one in trained)
    dropped, kept = (
        [fitness_at(1024, one.curve) for one in trained if bool(one.dropped) is told] for told in (True, False)
    )
    assert max(dropped) <= min(kept)


def test_a_failed_candidate_loses_the_race(case):
    failed, healthy = train(case, two(Failing(), Component()), race=Race(heats=(0.5,)))
    assert failed.failure and not failed.dropped and failed.timesteps == 256
    assert healthy.timesteps == 512


def resumable(case: Case, heat: float, *, score=judged, **plan) -> list[TrainedPolicy]:
    rewards = [Component(), Failing(), Component(1), Component()]
    entrants = [Entrant(reward, seed) for reward, seed in zip(rewards, (3, 3, 4, 5), strict=True)]
    return train(case, entrants, 10 * ROLLOUT, score=score, race=Race(heats=(heat,)), **plan)


def test_a_training_resumed_from_any_checkpoint_ends_bit_for_bit_the_same(case):
    memory = Memory()
    unbroken = resumable(case, 0.5, stretch_timesteps=8 * ROLLOUT, checkpoints=memory)
    assert len(memory.saved) == 5  # after every second rollout, and after the heat
    for state in memory.saved:
        resumed = resumable(case, 0.5, stretch_timesteps=8 * ROLLOUT, checkpoints=Memory(state))
        for one, other in zip(unbroken, resumed, strict=True):
            assert identical(one, other) and record(one) == record(other)


@pytest.mark.parametrize("fitness", [np.inf, -np.inf, np.nan])
def test_a_training_resumes_with_a_fitness_that_is_not_finite(case, fitness):
    def score(episodes: Sequence[TransitionBlock]) -> list[EpisodeScore]:
        return [one._replace(fitness=fitness, env_return=fitness) for one in judged(episodes)]

    memory = Memory()
    unbroken = resumable(case, 0.7, score=score, checkpoints=memory)
    assert any(point.episodes for one in unbroken for point in one.curve)
    resumed = resumable(case, 0.7, score=score, checkpoints=Memory(memory.saved[-1]))
    for one, other in zip(unbroken, resumed, strict=True):
        assert identical(one, other) and record(one) == record(other)


@pytest.fixture
def state(case) -> bytes:
    """A checkpoint of two candidates."""
    memory = Memory()
    train(case, two(Component(), Component()), stretch_timesteps=2 * ROLLOUT, checkpoints=memory)
    return memory.saved[0]


@pytest.mark.parametrize(
    "damage",
    [lambda state: state[:-5], lambda state: b"junk", lambda state: state.replace(b"num_rollouts", b"num_stretche")],
    ids=["truncated", "junk", "another layout"],
)
def test_a_damaged_checkpoint_is_refused(case, state, damage):
    assert damage(state) != state
    with pytest.raises(CorruptArtifact):
        train(case, two(Component(), Component()), checkpoints=Memory(damage(state)))


@pytest.mark.parametrize("num", [1, 3])
def test_a_checkpoint_of_other_candidates_is_refused(case, state, num):
    with pytest.raises(CorruptArtifact, match="other members"):
        train(case, [Entrant(Component(), 3)] * num, checkpoints=Memory(state))


def test_a_checkpoint_of_another_world_or_other_networks_is_refused(case, state):
    world = replace(case, env_id="LunarLanderContinuous-v3")
    for other in (world, replace(case, settings={**case.settings, **case.others})):
        with pytest.raises(CorruptArtifact, match="another population"):
            train(other, two(Component(), Component()), checkpoints=Memory(state))


@pytest.mark.parametrize(("name", "other"), [("ppo steering", "sac"), ("sac", "ppo steering")])
def test_a_checkpoint_of_another_learner_is_refused(name, other):
    memory = Memory()
    train(CASES[other], two(Component(), Component()), stretch_timesteps=2 * ROLLOUT, checkpoints=memory)
    with pytest.raises(CorruptArtifact, match="not a checkpoint"):
        train(CASES[name], two(Component(), Component()), checkpoints=Memory(memory.saved[0]))


def test_a_warm_start_begins_with_the_observations_the_policy_knew(case):
    [teacher] = train(case, [Entrant(Component(), 3)])
    mean = teacher.policy.tensors["mean"] + np.float32(100.0)
    start = replace(teacher.policy, tensors={**teacher.policy.tensors, "mean": mean})
    [pupil] = train(case, [Entrant(Component(), 7, start)])
    assert (pupil.policy.tensors["mean"] > 90).all()


def test_a_warm_start_makes_the_beginning_another_one(case):
    [teacher] = train(case, [Entrant(Component(), 3)])
    [pupil], [beginner] = (train(case, [Entrant(Component(), 7, start)]) for start in (teacher.policy, None))
    assert not identical(pupil, beginner)


def test_a_warm_start_from_other_layers_is_refused(case):
    for sizes in ([16, 8], [16, 16, 16], [16]):
        other = replace(case, settings={**case.settings, "hidden_sizes": sizes})
        [teacher] = train(other, [Entrant(Component(), 3)], ROLLOUT)
        with pytest.raises(ConfigError, match="cannot start from this policy: its network has other layers"):
            train(case, [Entrant(Component(), 7, teacher.policy)])


@pytest.mark.parametrize(("name", "other"), list(permutations(["ppo choosing", "ppo steering", "sac"], 2)))
def test_a_warm_start_from_a_policy_of_another_kind_is_refused(name, other):
    [teacher] = train(CASES[other], [Entrant(Component(), 3)], ROLLOUT)
    with pytest.raises(ConfigError, match="cannot start from this policy: another kind of learner"):
        train(CASES[name], [Entrant(Component(), 7, teacher.policy)])


@pytest.mark.parametrize("algorithm", LEARNERS.names())
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"gama": 0.9}, "card: .*did you mean 'gamma'"),
        ({"gamma": "high"}, "expected float"),
        ({"num_envs": 0}, "at least 1"),
        ({"learning_rate": 0.0}, "must be positive"),
        ({"hidden_sizes": []}, "at least one layer"),
    ],
)
def test_a_wrong_setting_is_refused_with_words(algorithm, settings, said):
    with pytest.raises(ConfigError, match=said):
        LEARNERS.resolve(algorithm).create(settings, where="card")
