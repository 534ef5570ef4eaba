"""Shards through the journal: real training on a small CartPole in this process, whose workers are lost on purpose."""

import itertools
import json

import pytest

from skillwright.compute import Loss, Result
from skillwright.core import ArtifactStore, ConfigError, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard, find_card
from skillwright.rewards import heartbeat
from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.records import Checkpoint, Program
from skillwright.rewards.shards import Shards
from skillwright.rewards.tally import Tally
from skillwright.rewards.training import Job, TrainingRequest, train_shard

ROLLOUT = 2 * 32
SMALL = {"num_envs": 2, "num_steps": 32, "num_epochs": 1, "minibatch_size": 32}
NUM_ROLLOUTS = 5
"""With a checkpoint after each but the last."""
REWARDS = ["-np.abs(n.angle)", "-np.abs(n.x)", "n.vx"]
SHARD_TIMESTEPS = [2 * NUM_ROLLOUTS * ROLLOUT, NUM_ROLLOUTS * ROLLOUT]
"""Of the two shards: the first one has two of the three jobs."""


class Listener:
    def __init__(self):
        self.lines, self.heard = [], []

    def said(self, line):
        self.lines.append(line)

    def progressed(self, progress):
        self.heard.append(progress.timesteps)


class Cut(Exception):
    """Ends a training in the middle."""


class OwnProcess:
    """Runs tasks here, one after another; loses the worker of the Nth task after so many reports.

    Args:
        losses: position of the task in the order in which they are run -> number of reports that are heard of it.
        kill_after: the parent itself is ended after so many reports.
    """

    num_workers = 2

    def __init__(self, losses=(), kill_after=None):
        self.losses = dict(losses)
        self.kill_after = kill_after
        self.requests, self.reports = [], []

    def run(self, tasks, report):
        position = 0
        while position < len(tasks):
            self.requests.append(json.loads(tasks[position].request))
            self.reports.append([])
            yield position, self.outcome(position, tasks[position], report)
            position += 1

    def outcome(self, position, task, report):
        def hear(text):
            report(position, text)
            self.reports[-1].append(json.loads(text))
            if len(self.reports[-1]) == self.losses.get(position):
                raise Cut
            if sum(map(len, self.reports)) == self.kill_after:
                raise KeyboardInterrupt

        if self.losses.get(position) == 0:
            return Loss(reason="struck by lightning")
        try:
            return Result(text=train_shard(task.request, hear))
        except Cut:
            return Loss(reason="struck by lightning")

    def close(self):
        pass

    def first_timesteps(self, position):
        return self.reports[position][0]["timesteps"]


@pytest.fixture(scope="module")
def card() -> EnvCard:
    card = find_card("CartPole-v1")
    return card.model_copy(update={"learner": card.learner.model_copy(update={"settings": SMALL})})


class Stage:
    """One stage in a home of its own."""

    def __init__(self, card, place):
        self.home = Home.open(place)
        self.store = ArtifactStore(self.home.artifacts)
        self.journal = Journal(Database.open(self.home))
        self.run_id = self.journal.start_run(kind="test", config=Program(source=""), seed=0).id
        self.listener = Listener()
        self.request = TrainingRequest(
            card=card, task="balance", total_timesteps=NUM_ROLLOUTS * ROLLOUT, num_selection=2,
            artifacts=str(self.home.artifacts), stretch_timesteps=1,
            jobs=[Job(candidate_id=f"c{i}", program=program(reward), seed=3) for i, reward in enumerate(REWARDS)],
        )  # fmt: skip

    def train(self, executor=None):
        config = EvolutionConfig(seed=0, num_candidates=3, num_generations=1)
        shards = Shards(
            executor=executor or OwnProcess(), steps=Steps(self.journal, self.run_id), observer=self.listener,
            tally=Tally(config, self.listener), num_shards=2, patience_s=300.0,
        )  # fmt: skip
        return shards.train("g0", self.request)

    def checkpoints(self, shard):
        keys = [key for key in self.journal.keys(self.run_id) if key.startswith(f"g0/checkpoints/{shard}/")]
        return [self.journal.get(self.run_id, key, Checkpoint) for key in sorted(keys)]

    def files(self):
        return {path.name for path in self.home.artifacts.rglob("*") if path.is_file()}


def program(reward):
    return Program(source=f'def reward(s, a, n):\n    return {{"main": {reward}}}\n')


@pytest.fixture
def stage(card, tmp_path):
    return Stage(card, tmp_path / "stage")


@pytest.fixture(scope="module")
def undisturbed(card, tmp_path_factory):
    return Stage(card, tmp_path_factory.mktemp("undisturbed")).train()


def test_every_job_gets_its_result_in_order(undisturbed):
    assert [one.candidate_id for one in undisturbed] == ["c0", "c1", "c2"]
    assert all(one.policy and one.judgement and one.timesteps == NUM_ROLLOUTS * ROLLOUT for one in undisturbed)


def test_every_checkpoint_of_a_shard_is_journalled(stage):
    stage.train()
    assert [one.timesteps for one in stage.checkpoints(0)] == [2 * ROLLOUT * number for number in (1, 2, 3, 4)]
    assert [one.timesteps for one in stage.checkpoints(1)] == [ROLLOUT * number for number in (1, 2, 3, 4)]


def test_a_finished_shard_leaves_nothing_but_its_policies(stage):
    trained = stage.train()
    assert stage.files() == {one.policy for one in trained}


def test_while_a_shard_trains_only_its_newest_checkpoint_is_kept(stage):
    with pytest.raises(KeyboardInterrupt):
        stage.train(OwnProcess(kill_after=6))
    assert len(stage.checkpoints(0)) == 3
    assert stage.files() == {stage.checkpoints(0)[-1].artifact}


@pytest.mark.parametrize("num_reports", [1, 2, 3, 6, 8])
def test_a_shard_that_is_lost_once_ends_as_if_it_had_not_been(stage, undisturbed, num_reports):
    executor = OwnProcess({0: num_reports})
    assert stage.train(executor) == undisturbed
    assert len(executor.requests) == 3
    assert stage.files() == {one.policy for one in undisturbed}


@pytest.mark.parametrize(("num_reports", "num_rollouts"), [(1, 0), (2, 1), (3, 1), (6, 3), (8, 4)])
def test_a_lost_shard_goes_on_from_its_newest_checkpoint(stage, num_reports, num_rollouts):
    """A rollout and its checkpoint are two reports."""
    executor = OwnProcess({0: num_reports})
    stage.train(executor)
    assert executor.requests[2]["checkpoint"] == (
        stage.checkpoints(0)[num_rollouts - 1].artifact if num_rollouts else None
    )
    assert executor.first_timesteps(2) == 2 * ROLLOUT * (num_rollouts + 1)


def test_a_shard_that_is_lost_twice_fails_with_the_reason_and_no_other_does(stage, undisturbed):
    first, other, third = stage.train(OwnProcess({0: 4, 2: 3}))
    assert [first.failure, third.failure] == ["its worker was lost twice: struck by lightning"] * 2
    assert [(one.candidate_id, one.policy, one.judgement) for one in (first, third)] == [
        ("c0", None, None), ("c2", None, None),
    ]  # fmt: skip
    assert other == undisturbed[1]
    assert stage.files() == {other.policy}


def test_a_lost_shard_has_spent_what_it_reported_last(stage):
    """Two rollouts with their checkpoints and a third one that is lost, and then two rollouts; each of two jobs."""
    first, _, third = stage.train(OwnProcess({0: 5, 2: 3}))
    assert [one.timesteps for one in (first, third)] == [4 * ROLLOUT] * 2


def test_all_shards_may_be_lost(stage):
    assert all(one.failure for one in stage.train(OwnProcess(dict.fromkeys(range(4), 1))))
    assert stage.files() == set()


def test_a_lost_shard_is_not_tried_again_in_another_sitting(stage):
    first = stage.train(OwnProcess({0: 1, 2: 1}))
    executor = OwnProcess()
    assert stage.train(executor) == first
    assert executor.requests == []


@pytest.mark.parametrize("kill_after", [1, 2, 5, 8, 10, 12])
def test_a_stage_that_is_killed_and_resumed_ends_as_if_it_had_not_been(stage, undisturbed, kill_after):
    with pytest.raises(KeyboardInterrupt):
        stage.train(OwnProcess(kill_after=kill_after))
    assert stage.train() == undisturbed
    assert stage.files() == {one.policy for one in undisturbed}


def test_a_resumed_shard_goes_on_from_its_newest_checkpoint(stage):
    with pytest.raises(KeyboardInterrupt):
        stage.train(OwnProcess(kill_after=7))
    executor = OwnProcess()
    stage.train(executor)
    assert executor.requests[0]["checkpoint"] == stage.checkpoints(0)[2].artifact
    assert [report["timesteps"] for report in executor.reports[0] if not report["checkpoint"]][:2] == [
        8 * ROLLOUT,
        10 * ROLLOUT,
    ]
    assert executor.requests[1]["checkpoint"] is None


def test_checkpoints_that_a_killed_sitting_left_behind_are_removed(stage):
    """It was killed after the shard's result was committed and before its artifacts were removed."""
    trained = stage.train()
    orphan = stage.store.put(b"checkpoint")
    Steps(stage.journal, stage.run_id).once(
        "g0/checkpoints/0/4", Checkpoint, lambda: Checkpoint(artifact=orphan, timesteps=1)
    )
    assert stage.train() == trained
    assert orphan not in stage.store


def missing(stage, sha):
    stage.store.discard(sha)


def damaged(stage, sha):
    stage.store.path(sha).write_bytes(b"x")


@pytest.mark.parametrize("harm", [missing, damaged])
def test_a_shard_whose_checkpoint_is_lost_is_trained_anew(stage, undisturbed, harm):
    with pytest.raises(KeyboardInterrupt):
        stage.train(OwnProcess(kill_after=6))
    harm(stage, stage.checkpoints(0)[-1].artifact)
    executor = OwnProcess()
    assert stage.train(executor) == undisturbed
    assert executor.first_timesteps(0) == 2 * ROLLOUT
    assert stage.files() == {one.policy for one in undisturbed}


def test_a_shard_whose_checkpoint_is_of_another_learner_is_trained_anew(stage, undisturbed):
    sha = stage.store.put(b"what another version wrote")
    Steps(stage.journal, stage.run_id).once(
        "g0/checkpoints/0/0", Checkpoint, lambda: Checkpoint(artifact=sha, timesteps=128)
    )
    executor = OwnProcess()
    assert stage.train(executor) == undisturbed
    assert executor.first_timesteps(0) == 2 * ROLLOUT


def test_a_worker_goes_on_reporting_while_its_policies_are_judged(stage, monkeypatch):
    monkeypatch.setattr(heartbeat, "_PERIOD_S", 0.0)
    executor = OwnProcess()
    stage.train(executor)
    ends = [report for report in executor.reports[0] if report["timesteps"] == SHARD_TIMESTEPS[0]]
    assert len(ends) > 10 and all(report == ends[0] for report in ends)


def test_an_error_that_concerns_the_person_is_passed_on_and_not_retried(stage):
    class Full(OwnProcess):
        def outcome(self, position, task, report):
            raise ConfigError("the disk is full")

    executor = Full()
    with pytest.raises(ConfigError):
        stage.train(executor)
    assert len(executor.requests) == 1


def test_a_loss_is_told_to_whoever_watches(stage):
    stage.train(OwnProcess({0: 5, 2: 3}))
    assert stage.listener.lines == [
        "Lost: struck by lightning. Its 2 policies go on from env step 256.",
        "2 policies have failed: its worker was lost twice: struck by lightning.",
    ]


def test_a_resumed_shard_is_told_to_whoever_watches(stage):
    with pytest.raises(KeyboardInterrupt):
        stage.train(OwnProcess(kill_after=4))
    stage.train()
    assert stage.listener.lines == ["2 policies go on from their checkpoint at 256 env steps."]


@pytest.mark.parametrize("losses", [{}, {0: 5}, {0: 5, 2: 3}, {0: 5, 2: 0}])
def test_the_env_steps_that_are_told_add_up(stage, losses):
    """After the first loss they go back to the checkpoint, and never are they counted twice."""
    trained = stage.train(OwnProcess(losses))
    heard = stage.listener.heard
    assert heard[-1] == sum(one.timesteps for one in trained)
    assert max(heard) <= sum(SHARD_TIMESTEPS)
    falls = [before - after for before, after in itertools.pairwise(heard) if after < before]
    assert falls == ([2 * ROLLOUT] if losses else [])


def test_a_resumed_shard_counts_from_its_checkpoint(stage):
    with pytest.raises(KeyboardInterrupt):
        stage.train(OwnProcess(kill_after=4))
    stage.listener.heard.clear()
    stage.train()
    assert stage.listener.heard[0] == 4 * ROLLOUT and stage.listener.heard[-1] == sum(SHARD_TIMESTEPS)
    assert stage.listener.heard == sorted(stage.listener.heard)
