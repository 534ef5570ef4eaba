"""Short recorded episodes of a pendulum, and a session of choosing between their clips."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard, find_card
from skillwright.rewards.preferences.collecting import Session
from skillwright.rewards.preferences.episodes import Episode, Shelf, record_random_episodes
from skillwright.rewards.preferences.fitting import FitConfig
from skillwright.rewards.preferences.records import Footage, Shot

pytest.importorskip("gymnasium")

NUM_EPISODES = 10
HORIZON = 30
CLIP_STEPS = 8


class Nothing(BaseModel):
    """The config of a run that needs none."""


@pytest.fixture(scope="session")
def pendulum() -> EnvCard:
    return find_card("Pendulum-v1").model_copy(update={"horizon": HORIZON})


@pytest.fixture(scope="session")
def episodes(pendulum: EnvCard) -> list[Episode]:
    return record_random_episodes(pendulum, range(NUM_EPISODES))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(ArtifactStore(tmp_path / "artifacts"))


@pytest.fixture
def footage(shelf: Shelf, episodes: list[Episode]) -> Footage:
    shots = [
        Shot(episode=shelf.put(one), num_transitions=one.block.num_transitions, held_out=index % 3 == 2)
        for index, one in enumerate(episodes)
    ]
    return Footage(shots=shots, clip_steps=CLIP_STEPS)


@pytest.fixture
def session(pendulum: EnvCard, shelf: Shelf, footage: Footage) -> Session:
    journal = Journal(Database.open(Home.open()))
    run = journal.start_run(kind="test", config=Nothing(), seed=0)
    steps = Steps(journal, run.id)
    quick = FitConfig(num_members=3, hidden_sizes=(16,), max_epochs=8)
    return Session(
        card=pendulum, footage=footage, shelf=shelf, steps=steps, prefix="preferences/0", seed=0, config=quick
    )
