"""A library with real rows, and a model that answers by a script."""

import pytest

from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.serialising import to_json
from skillwright.envs import find_card
from skillwright.skills import Evidence, Lineage, Skill
from skillwright.skills.library import Library

from ....integration.model_server import ModelServer

LANDER = find_card("LunarLander-v3")


@pytest.fixture
def opened(home) -> Home:
    return Home.open(home)


@pytest.fixture
def library(opened) -> Library:
    return Library(Database.open(opened), ArtifactStore(opened.artifacts))


@pytest.fixture
def make_skill(opened):
    """Makes a verified skill of the lander."""
    artifacts = ArtifactStore(opened.artifacts)

    def made(text="Hover above the pad", *, card=LANDER, wall_time_s=100.0, **changes):
        evidence = Evidence(
            first_seed=0, num_episodes=100, success_rate=0.97, success_interval=(0.9, 1.0), fitness=0.9,
            fitness_interval=(0.8, 1.0), required_success_rate=0.9, training_timesteps=1_000_000,
            wall_time_s=wall_time_s,
        )  # fmt: skip
        lineage = Lineage(
            run_id="run-0", task_text=text, planner="CardPlanner", proposer="search", model="none",
            candidate_id="g0-c00", generation=0, parents=(),
        )  # fmt: skip
        values = {
            "name": "hover", "version": 1, "status": "verified", "description": text, "env_id": card.id,
            "task": "hover", "step_limit": 1000, "card": artifacts.put(to_json(card).encode()),
            "policy": artifacts.put(b"policy"), "reward_source": "", "reward_weights": {}, "evidence": evidence,
            "lineage": lineage, "created_at": "2026-01-01T00:00:00+00:00",
        }  # fmt: skip
        return Skill(**{**values, **changes})

    return made


@pytest.fixture
def server():
    with ModelServer() as server:
        yield server
