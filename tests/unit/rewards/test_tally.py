"""Shards report separately; the person hears one number."""

import time

import pytest

from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.progress import Progress
from skillwright.rewards.records import Judgement, Trained
from skillwright.rewards.tally import Tally
from skillwright.rewards.training import TrainingReport

CONFIG = EvolutionConfig(
    seed=0, num_candidates=4, num_generations=2, search_timesteps=100, final_timesteps=200, heats=()
)


class Listener:
    def __init__(self):
        self.heard: list[Progress] = []

    def said(self, line):
        pass

    def progressed(self, progress):
        self.heard.append(progress)

    @property
    def last(self) -> Progress:
        return self.heard[-1]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def tally(listener) -> Tally:
    return Tally(CONFIG, listener)


def report(timesteps: int, fitness: float | None = None) -> TrainingReport:
    return TrainingReport(timesteps=timesteps, fitness=fitness)


def trained(timesteps: int, fitness: float | None = None) -> Trained:
    judgement = None
    if fitness is not None:
        judgement = Judgement(
            num_episodes=1, success_rate=None, success_interval=None, fitness=fitness, fitness_interval=(0, 1),
            env_return=0.0, episode_length=1.0,
        )  # fmt: skip
    return Trained(candidate_id="c", seed=0, timesteps=timesteps, policy=None, curve=[], judgement=judgement)


def test_a_stage_is_announced_when_it_begins(tally, listener):
    tally.enter("finals", 1, 9)
    seen = listener.last
    assert (seen.stage, seen.generation, seen.num_generations, seen.num_candidates) == ("finals", 1, 2, 9)
    assert (seen.timesteps, seen.best_fitness, seen.steps_per_second) == (0, None, 0.0)


def test_the_whole_budget_is_that_of_the_run(tally, listener):
    tally.enter("search", 0, 4)
    assert listener.last.total_timesteps == CONFIG.total_timesteps == 2 * 4 * 100 + 3 * 3 * 200


def test_the_newest_reports_of_all_shards_are_added(tally, listener):
    tally.enter("search", 0, 4)
    for shard, timesteps in [(0, 20), (1, 20), (0, 40)]:
        tally.hear(shard, report(timesteps))
    assert listener.last.timesteps == 60


def test_a_finished_shard_counts_with_what_it_spent_and_not_twice(tally, listener):
    tally.enter("search", 0, 4)
    tally.hear(0, report(200))
    tally.settle(0, [trained(100), trained(100)])
    tally.hear(1, report(50))
    assert listener.last.timesteps == 250


def test_env_steps_never_go_back(tally, listener):
    tally.enter("search", 0, 4)
    for timesteps in (50, 100, 200):
        tally.hear(0, report(timesteps))
    tally.settle(0, [trained(100), trained(100)])
    tally.enter("finals", 1, 9)
    tally.hear(0, report(50))
    counts = [progress.timesteps for progress in listener.heard]
    assert counts == sorted(counts) and counts[-1] == 250


def test_the_best_fitness_is_the_highest_ever_heard(tally, listener):
    tally.enter("search", 0, 4)
    for fitness in (None, 0.4, 0.2):
        tally.hear(0, report(10, fitness))
    assert listener.last.best_fitness == 0.4
    tally.settle(0, [trained(100, 0.3), trained(100)])
    assert listener.last.best_fitness == 0.4
    tally.settle(1, [trained(100, 0.6)])
    assert listener.last.best_fitness == 0.6


def test_a_fitness_below_zero_is_a_fitness(tally, listener):
    tally.hear(0, report(10, -5.0))
    assert listener.last.best_fitness == -5.0
    tally.hear(0, report(20, 0.0))
    assert listener.last.best_fitness == 0.0


def test_a_shard_from_the_journal_counts_as_spent_but_not_as_speed(tally, listener):
    tally.enter("search", 0, 4)
    tally.settle(0, [trained(100), trained(100)])
    assert (listener.last.timesteps, listener.last.steps_per_second) == (200, 0.0)


def test_speed_is_env_steps_over_the_time_they_took(tally, listener):
    tally.enter("search", 0, 4)
    began = time.monotonic()
    for timesteps in range(0, 1400, 100):
        tally.hear(0, report(timesteps))
        time.sleep(0.1)
    tally.hear(0, report(1400))
    expected = 1400 / (time.monotonic() - began)
    assert 0.8 * expected < listener.last.steps_per_second < 1.2 * expected


def test_the_first_report_does_not_show_a_speed_that_nothing_has(tally, listener):
    tally.enter("search", 0, 4)
    time.sleep(0.1)
    tally.hear(0, report(1000))
    assert listener.last.steps_per_second <= 1000 / 0.1
