"""A log holds what was logged, and its relabelling is what the reward says of each episode."""

import numpy as np
import pytest

from skillwright.core import ArtifactStore
from skillwright.core.errors import ConfigError, CorruptArtifact
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant
from skillwright.learners.registry import make_learner
from skillwright.rewards.experience import ExperienceLog, Lessons, begin_with, card_hash, relabel
from skillwright.rewards.experience.coverage import Coverage
from skillwright.rewards.experience.log import LogHeader, choose_episodes
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Program
from skillwright.rewards.sources import ProgramReward

from .shards import CENTRED, UPRIGHT


@pytest.fixture
def log(card, episode):
    logged = [episode(f"e{number}", length=10 + number) for number in range(12)]
    header = LogHeader(
        source="the run a", card=card_hash(card), coverage=Coverage(beginning=0.9, leading=0.8),
        lengths=[one.block.num_transitions for one in logged], records=[one.record for one in logged],
    )  # fmt: skip
    return ExperienceLog(header, TransitionBlock.join([one.block for one in logged]))


def test_it_is_read_as_it_was_written(log, card):
    read = ExperienceLog.from_bytes(log.to_bytes(), card)
    assert read.header == log.header
    for column, original in zip(read.block, log.block, strict=True):
        np.testing.assert_array_equal(column, original)
        assert column.dtype == original.dtype


def test_it_is_refused_in_another_world(log):
    with pytest.raises(ConfigError, match="of another world than classic_control/Pendulum-v1"):
        ExperienceLog.from_bytes(log.to_bytes(), find_card("Pendulum-v1"))


def test_a_damaged_one_is_refused(log, card):
    with pytest.raises(CorruptArtifact):
        ExperienceLog.from_bytes(log.to_bytes()[:-10], card)


@pytest.mark.parametrize("source", [UPRIGHT, CENTRED])
def test_relabelling_is_what_the_reward_says_of_every_episode(log, card, source):
    reward = ProgramReward(card, Program(source=source))
    relabelled = relabel(log, reward)
    directly = [reward.score(episode).reward for episode in log.episodes]
    np.testing.assert_array_equal(relabelled, np.concatenate(directly))


def test_a_reward_that_fails_on_the_log_gives_the_reason(log, card):
    failing = Program(
        source=f'def reward(s, a, n):\n    return {{"x": n.x + 0.0 * n.x[{log.block.num_transitions}]}}\n'
    )
    assert "out of bounds" in str(relabel(log, ProgramReward(card, failing)))


def test_a_candidate_whose_reward_fails_on_the_log_begins_at_random(log, card):
    failing = Program(
        source=f'def reward(s, a, n):\n    return {{"x": n.x + 0.0 * n.x[{log.block.num_transitions}]}}\n'
    )
    entrants = [Entrant(ProgramReward(card, one), 0) for one in (Program(source=UPRIGHT), failing)]
    good, bad = begin_with(log, card, make_learner(card), entrants, lambda: None)
    assert good.start is not None
    assert bad.start is None


def test_an_episode_that_is_there_twice_is_taken_once(episode):
    one, other = episode("a"), episode("b")
    assert choose_episodes([one, other, one]) == [one, other]


def test_of_very_many_episodes_a_part_is_taken(episode):
    many = [episode(f"e{number}") for number in range(50)]
    chosen = choose_episodes(many, most=200)
    assert len(chosen) == 10
    assert {one.record.uid for one in chosen} != {one.record.uid for one in many[:10]}


def test_lessons_know_how_good_the_episodes_are(log, card, tmp_path):
    store = ArtifactStore(tmp_path)
    lessons = Lessons.read(store, store.put(log.to_bytes()), card, "balance")
    scores = Judge(card, "balance").score(log.episodes)
    assert lessons.fitness == [score.fitness for score in scores]
    assert lessons.success_rate == np.mean([bool(score.success) for score in scores])


@pytest.mark.parametrize(("success_rate", "is_taught"), [(0.04, False), (0.05, True), (1.0, True), (None, True)])
def test_policies_do_not_begin_with_failures(log, success_rate, is_taught):
    lessons = Lessons(log, [0.0] * len(log.header.lengths), success_rate)
    assert lessons.assess().is_taught is is_taught
    assert ("policies begin with what it teaches" in lessons.described()) is is_taught
