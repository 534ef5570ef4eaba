"""Real workers that always get into trouble: exactly their candidates fail, with the reason, and all others go on."""

import json
import os
from collections.abc import Sequence

import pytest

from skillwright.compute import LocalExecutor, Task
from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import find_card
from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.progress import Silent
from skillwright.rewards.records import Program
from skillwright.rewards.shards import Shards
from skillwright.rewards.tally import Tally
from skillwright.rewards.training import Job, TrainingRequest

from .processes import wait_for_the_end_of, workers

CARD = find_card("CartPole-v1")
ROLLOUT = 512
PATIENCE_S = 3.0
"""Of the hanging workers only."""
REWARDS = ["-np.abs(n.angle)", "-np.abs(n.x)", "n.vx", "np.cos(n.angle)"]


class Troubled(Sequence[Task]):
    """The tasks as they grow; some with a certain candidate get into trouble."""

    def __init__(self, tasks, trouble, num_troubles):
        self.tasks, self.trouble, self.num_troubles = tasks, trouble, num_troubles

    def __len__(self):
        return len(self.tasks)

    def __getitem__(self, index):
        task = self.tasks[index]
        if self.num_troubles == 0 or "c0" not in [job["candidate_id"] for job in json.loads(task.request)["jobs"]]:
            return task
        self.num_troubles -= 1
        function = f"tests.integration.troubles:{self.trouble}"
        patience_s = PATIENCE_S if self.trouble in ("hanging", "stopping") else task.patience_s
        return Task(function=function, request=task.request, patience_s=patience_s)


class TroubledExecutor(LocalExecutor):
    """Gives one shard to workers that get into trouble, some times, and keeps what it was asked for."""

    def run(self, tasks, report):
        self.tasks = tasks
        return super().run(Troubled(tasks, *self.plan), report)


@pytest.fixture(scope="module")
def executor(pytestconfig):
    """It is shared, so that its workers are warm."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{pytestconfig.rootpath}:{os.environ.get('PYTHONPATH', '')}")
        executor = TroubledExecutor(2)
        yield executor
        started = workers(os.getpid())
        executor.close()
    assert wait_for_the_end_of(started) == []


def train(place, executor, trouble=None, num_troubles=0):
    executor.plan = (trouble, num_troubles)
    home = Home.open(place)
    journal = Journal(Database.open(home))
    run_id = journal.start_run(kind="test", config=Program(source=""), seed=0).id
    sources = [f'def reward(s, a, n):\n    return {{"main": {reward}}}\n' for reward in REWARDS]
    request = TrainingRequest(
        card=CARD, task="balance", total_timesteps=6 * ROLLOUT, num_selection=5, artifacts=str(home.artifacts),
        stretch_timesteps=4 * ROLLOUT,
        jobs=[Job(candidate_id=f"c{i}", program=Program(source=one), seed=3) for i, one in enumerate(sources)],
    )  # fmt: skip
    observer = Silent()
    tally = Tally(EvolutionConfig(seed=0, num_candidates=4, num_generations=1), observer)
    shards = Shards(
        executor=executor, steps=Steps(journal, run_id), observer=observer, tally=tally, num_shards=2, patience_s=300.0
    )
    return shards.train("g0", request)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, executor):
    return train(tmp_path_factory.mktemp("undisturbed"), executor)


TROUBLES = pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("dying", "a worker process ended by signal 9"),
        ("leaving", "a worker process ended by exit code 7"),
        ("starving", "a worker failed: MemoryError"),
        ("hanging", "a worker process said nothing for 3 s"),
        ("stopping", "a worker process said nothing for 3 s"),
    ],
)


@TROUBLES
def test_a_shard_whose_worker_gets_into_trouble_once_ends_the_same(tmp_path, executor, undisturbed, trouble, reason):
    assert train(tmp_path, executor, trouble, 1) == undisturbed
    assert len(executor.tasks) == 3
    assert json.loads(executor.tasks[2].request)["checkpoint"]


@TROUBLES
def test_only_the_candidates_of_a_worker_that_is_always_in_trouble_fail(
    tmp_path, executor, undisturbed, trouble, reason
):
    trained = train(tmp_path, executor, trouble, 2)
    assert [trained[1], trained[3]] == [undisturbed[1], undisturbed[3]]
    assert [trained[0].failure, trained[2].failure] == [f"its worker was lost twice: {reason}"] * 2
    assert all(one.policy is None and one.judgement is None for one in (trained[0], trained[2]))
    assert len(executor.tasks) == 3
