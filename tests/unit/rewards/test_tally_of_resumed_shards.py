"""A shard that begins in its middle counts with all it has spent, and its speed is what was trained here."""

import time

import pytest

from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.tally import Tally
from skillwright.rewards.training import TrainingReport


class Listener:
    def said(self, line):
        pass

    def progressed(self, progress):
        self.last = progress


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def tally(listener) -> Tally:
    tally = Tally(EvolutionConfig(seed=0, num_candidates=4, num_generations=1), listener)
    tally.enter("search", 0, 4)
    return tally


def train(tally, first, last, *, seconds=1.2):
    """Trains one shard from one number of env steps to another, in some time; returns env steps per second."""
    began = time.monotonic()
    for part in range(13):
        report = TrainingReport(timesteps=first + (last - first) * part // 12, fitness=None)
        tally.hear(0, report)
        if part < 12:
            time.sleep(seconds / 12)
    return (last - first) / (time.monotonic() - began)


def test_a_resumed_shard_counts_with_what_it_had_spent(tally, listener):
    tally.begin(0, 1_000_000)
    assert (listener.last.timesteps, listener.last.steps_per_second) == (1_000_000, 0.0)
    tally.hear(0, TrainingReport(timesteps=1_000_100, fitness=None))
    assert listener.last.timesteps == 1_000_100


def test_what_a_resumed_shard_had_spent_is_no_speed(tally, listener):
    tally.begin(0, 1_000_000)
    speed = train(tally, 1_000_000, 1_001_200)
    assert 0.8 * speed < listener.last.steps_per_second < 1.2 * speed


def test_a_retried_shard_falls_back_and_its_lost_work_was_work(tally, listener):
    speed = train(tally, 0, 1200)
    tally.begin(0, 600)
    assert listener.last.timesteps == 600
    train(tally, 600, 1800)
    assert listener.last.timesteps == 1800
    assert 0.8 * speed < listener.last.steps_per_second < 1.2 * speed


def test_a_shard_that_had_to_begin_anew_counts_from_zero(tally, listener):
    """Its checkpoint could not be read, which only its worker knows."""
    tally.begin(0, 1_000_000)
    tally.hear(0, TrainingReport(timesteps=100, fitness=None))
    speed = train(tally, 100, 1300)
    assert listener.last.timesteps == 1300
    assert 0.8 * speed < listener.last.steps_per_second < 1.3 * speed
