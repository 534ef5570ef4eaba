"""A run whose workers are killed, or that is killed itself, in the middle of a training ends bit for bit the same."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from skillwright.agents import RunRequest, acquiring, running
from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.compute import LocalExecutor
from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.rewards.progress import Silent
from skillwright.rewards.records import Checkpoint

from .processes import PATIENCE_S, follow, wait_for_the_end_of, workers
from .stretches import MOMENT, NUM_CHECKPOINTS, SHORT_STRETCHES, checkpoint_keys

REQUEST = RunRequest(
    text="Balance the pole",
    env="CartPole-v1",
    seed=5,
    num_candidates=4,
    num_generations=1,
    total_timesteps=60 * 1024,
    num_workers=2,
    num_held_out=20,
)


@pytest.fixture(autouse=True, scope="module")
def _short_stretches():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acquiring, "EvolutionParts", SHORT_STRETCHES)
        yield


class Place:
    """A home and the one run in it."""

    def __init__(self, path):
        self.home = Home.open(path)
        self.journal = Journal(Database.open(self.home))
        self.store = ArtifactStore(self.home.artifacts)
        self.run_id = begin_run(self.home, REQUEST)

    def carry_out(self, observer):
        return carry_out_run(self.home, self.run_id, observer)

    def checkpoints(self, stage, shard):
        keys = checkpoint_keys(self.journal, self.run_id, stage, shard)
        return [self.journal.get(self.run_id, key, Checkpoint) for key in keys]

    def files(self):
        """The artifacts, without what a process was writing while it was killed."""
        return {path.name for path in self.home.artifacts.rglob("*") if path.is_file() and path.suffix != ".part"}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "home")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("undisturbed"))
    place.record = place.carry_out(Silent())
    return place


class RecordingExecutor(LocalExecutor):
    """Keeps which shards were trained from which checkpoint, and what they reported."""

    trainings: list[tuple[dict, list[dict]]]

    def run(self, tasks, report):
        reports = {}

        def hear(index, text):
            if index not in reports:
                reports[index] = []
                self.trainings.append((json.loads(tasks[index].request), reports[index]))
            reports[index].append(json.loads(text))
            report(index, text)

        return super().run(tasks, hear)


@pytest.fixture
def trainings(monkeypatch):
    """Requests and reports of the shards that are trained, in the order in which they begin to report."""
    kept = []
    monkeypatch.setattr(RecordingExecutor, "trainings", kept, raising=False)
    monkeypatch.setattr(running, "LocalExecutor", RecordingExecutor)
    return kept


class Killer(Silent):
    """Kills all workers once per stage, when the first shard has a checkpoint and is not done."""

    def __init__(self, place):
        self.place = place
        self.lines, self.killed = [], []

    def said(self, line):
        self.lines.append(line)

    def progressed(self, progress):
        stage = {"search": "g0", "finals": "finals"}.get(progress.stage)
        is_done = f"{stage}/shard-0" in self.place.journal.keys(self.place.run_id)
        if stage is None or stage in self.killed or is_done or not self.place.checkpoints(stage, 0):
            return
        self.killed.append(stage)
        for pid in workers(os.getpid()):
            os.kill(pid, signal.SIGKILL)


def test_a_run_whose_workers_are_killed_ends_the_same(place, undisturbed, trainings):
    killer = Killer(place)
    record = place.carry_out(killer)
    assert record.evolution == undisturbed.record.evolution
    assert record.skill.policy == undisturbed.record.skill.policy
    assert killer.killed == ["g0", "finals"]
    assert 2 <= sum("Lost: a worker process ended by signal 9" in line for line in killer.lines) <= 4
    resumed = [request for request, _ in trainings if request.get("checkpoint")]
    assert {request["is_final"] for request in resumed} == {False, True}
    assert place.files() == undisturbed.files()


def test_an_undisturbed_run_leaves_no_checkpoint_behind(undisturbed):
    shards = [(stage, shard) for stage in ("g0", "finals") for shard in (0, 1)]
    saved = [one.artifact for stage, shard in shards for one in undisturbed.checkpoints(stage, shard)]
    assert len(saved) > 10
    assert not set(saved) & undisturbed.files()


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run that was killed between two checkpoints, and all its workers with it."""
    place = Place(tmp_path_factory.mktemp("killed"))
    script = Path(__file__).with_name("stretches.py")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.stretches", str(place.home.path), place.run_id],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=script.parents[2],
    ) as process:  # fmt: skip
        follow(process, MOMENT)
        busy = workers(process.pid)
        process.kill()
        process.communicate(timeout=PATIENCE_S)
    assert busy and wait_for_the_end_of(busy) == []
    return place


def test_a_run_that_is_killed_between_two_checkpoints_goes_on_from_the_newer_one(killed, undisturbed, trainings):
    before = killed.checkpoints("g0", 0)
    assert len(before) == NUM_CHECKPOINTS and "g0/shard-0" not in killed.journal.keys(killed.run_id)
    record = killed.carry_out(Silent())
    assert record.evolution == undisturbed.record.evolution
    assert record.skill.policy == undisturbed.record.skill.policy
    assert killed.store.get(record.skill.policy) == undisturbed.store.get(record.skill.policy)
    request, reports = next(one for one in trainings if one[0]["jobs"][0]["candidate_id"] == "g0-c00")
    rollouts = [report["timesteps"] for report in reports if not report["checkpoint"]]
    whole = rollouts[-1]
    trained_again = whole - before[-1].timesteps
    assert request["checkpoint"] == before[-1].artifact
    assert before[-1].timesteps < rollouts[0] < whole
    assert trained_again < 0.7 * whole
    assert killed.checkpoints("g0", 0) == undisturbed.checkpoints("g0", 0)
    assert killed.files() == undisturbed.files()
