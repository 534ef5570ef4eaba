"""Coverage is what the paper says on known distributions, and too little of it is refused with figures."""

import numpy as np
import pytest

from skillwright.core.errors import ConfigError
from skillwright.envs import find_card
from skillwright.rewards.experience import EpisodeRecord, LoggedEpisode, gather
from skillwright.rewards.experience.coverage import Coverage, measure_coverage, refuse_uncovered, share_covered
from skillwright.rewards.experience.minari_files import write_dataset
from skillwright.rewards.screens.recording import record_random_episodes

CARTPOLE = find_card("CartPole-v1")


def test_samples_of_one_distribution_cover_each_other():
    random = np.random.default_rng(0)
    shares = [share_covered(random.normal(size=(300, 4)), random.normal(size=(300, 4))) for _ in range(10)]
    assert np.mean(shares) == pytest.approx(1 - 2**-5, abs=0.02)


def test_what_the_log_has_not_seen_is_not_covered():
    random = np.random.default_rng(0)
    wanted = random.uniform(size=(2000, 2))
    logged = random.uniform(size=(5000, 2)) * [0.5, 1.0]
    assert share_covered(wanted, logged) == pytest.approx(0.5, abs=0.06)


def logged_random(seeds):
    return [
        LoggedEpisode(block, EpisodeRecord(uid=f"{seed}-{number}", candidate_id=f"c{seed}"))
        for seed in seeds
        for number, block in enumerate(record_random_episodes(CARTPOLE, seed=seed, num_steps=128))
    ]


def test_random_episodes_cover_what_random_actions_meet():
    coverage = measure_coverage(CARTPOLE, logged_random([1, 2, 3]), seed=0)
    assert coverage.beginning > 0.8
    assert coverage.leading > 0.8


def test_a_few_steps_cover_little():
    episodes = [LoggedEpisode(one.block.at(slice(0, 3)), one.record) for one in logged_random([1, 2])[::8]]
    assert measure_coverage(CARTPOLE, episodes, seed=0).beginning < 0.5


def test_one_training_alone_says_nothing_of_the_next():
    assert measure_coverage(CARTPOLE, logged_random([1]), seed=0).leading == 0.0


def test_the_same_log_gives_the_same_figures():
    episodes = logged_random([1, 2])
    assert measure_coverage(CARTPOLE, episodes, seed=4) == measure_coverage(CARTPOLE, episodes, seed=4)


def test_too_little_is_refused_with_the_figure_the_bound_and_what_to_do():
    with pytest.raises(ConfigError) as refusal:
        refuse_uncovered(Coverage(beginning=0.31, leading=0.8), "the run a")
    for part in ("the run a", "31%", "50%", "80%", "--keep-experience", "leave --from-experience out"):
        assert part in str(refusal.value)


def test_enough_is_not_refused():
    refuse_uncovered(Coverage(beginning=0.5, leading=0.9), "the run a")


def test_a_log_of_one_candidate_is_refused_when_it_is_gathered(tmp_path):
    write_dataset(tmp_path / "one", "run/one-v0", CARTPOLE, logged_random([1]))
    with pytest.raises(ConfigError, match="the run run covers too little, 0% where 50% is the least"):
        gather([tmp_path / "one"], "the run run", CARTPOLE, seed=0)


def test_a_log_of_several_candidates_is_gathered_whole(tmp_path):
    logged = logged_random([1, 2, 3])
    write_dataset(tmp_path / "one", "run/one-v0", CARTPOLE, logged)
    log = gather([tmp_path / "one"], "the run run", CARTPOLE, seed=0)
    assert [record.uid for record in log.header.records] == [one.record.uid for one in logged]
    for episode, one in zip(log.episodes, logged, strict=True):
        for column, original in zip(episode, one.block, strict=True):
            np.testing.assert_array_equal(column, original)


def test_nothing_kept_is_refused(card):
    with pytest.raises(ConfigError, match="nothing was kept of the run a"):
        gather([], "the run a", card, seed=0)
