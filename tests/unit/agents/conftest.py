"""A home with the smallest real runs on a small CartPole."""

from pathlib import Path

import pytest

from skillwright.agents import RunRequest
from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.core import ArtifactStore, Home
from skillwright.core.content import find_content
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.rewards.progress import Progress
from skillwright.skills.library import Library

CARTPOLE = "classic_control/CartPole-v1"
SMALL = {"num_envs: 8": "num_envs: 4", "num_steps: 64": "num_steps: 32", "num_epochs: 10": "num_epochs: 2"}


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person's project in which CartPole trains with a quarter of the env steps, and any policy is good enough."""
    project = tmp_path_factory.mktemp("project")
    card = find_content("envs", f"{CARTPOLE}.yaml").read_text(encoding="utf-8")
    for old, new in {**SMALL, "required_success_rate: 0.95": "required_success_rate: 0.0"}.items():
        assert old in card
        card = card.replace(old, new)
    place = project / "envs" / f"{CARTPOLE}.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(card, encoding="utf-8")
    return project


def request(**changes: object) -> RunRequest:
    values = {
        "text": "Balance the pole", "env": "CartPole-v1", "num_candidates": 2, "num_generations": 1, "num_workers": 1,
        "total_timesteps": 2 * 128 * 11, "num_held_out": 5,
    }  # fmt: skip
    return RunRequest(**{**values, **changes})


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.states: list[Progress] = []

    def said(self, line: str) -> None:
        self.lines.append(line)

    def progressed(self, progress: Progress) -> None:
        self.states.append(progress)


class Finished:
    """A finished run, and where it lies."""

    def __init__(self, path: Path) -> None:
        self.home = Home.open(path)
        self.database = Database.open(self.home)
        self.journal = Journal(self.database)
        self.artifacts = ArtifactStore(self.home.artifacts)
        self.library = Library(self.database, self.artifacts)
        self.run_id = begin_run(self.home, request())
        self.listener = Listener()
        self.record = carry_out_run(self.home, self.run_id, self.listener)


@pytest.fixture(scope="session")
def finished(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLWRIGHT_PROJECT", str(small_project))
        return Finished(tmp_path_factory.mktemp("finished"))
