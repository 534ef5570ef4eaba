"""A small CartPole, and one shard of two candidates trained on it with its episodes kept."""

import numpy as np
import pytest

from skillwright.envs import TransitionBlock, find_card
from skillwright.rewards.experience import EpisodeRecord, LoggedEpisode

from .shards import SMALL, make_request, train


@pytest.fixture(scope="session")
def card():
    cartpole = find_card("CartPole-v1")
    return cartpole.model_copy(update={"learner": cartpole.learner.model_copy(update={"settings": SMALL})})


@pytest.fixture(scope="session")
def kept(card, tmp_path_factory):
    """Gives the folder of a shard's artifacts and experience, and what was trained."""
    folder = tmp_path_factory.mktemp("kept")
    return folder, train(make_request(card, folder))


@pytest.fixture
def episode(card):
    """Makes an episode of random numbers, with a name."""

    def make(uid: str, length: int = 20) -> LoggedEpisode:
        random = np.random.default_rng(abs(hash(uid)) % 1000)
        states = random.normal(size=(length + 1, card.observation_size)).astype(np.float32)
        ended = np.zeros(length, np.bool_)
        ended[-1] = True
        block = TransitionBlock(
            states[:-1], random.integers(2, size=length), states[1:],
            ended, np.zeros(length, np.bool_), random.normal(size=length).astype(np.float32),
        )  # fmt: skip
        return LoggedEpisode(block, EpisodeRecord(uid=uid))

    return make
