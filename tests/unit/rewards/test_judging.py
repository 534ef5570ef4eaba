"""Judging in workers: it says now and then that it is alive, survives one loss of a worker, and judges the same."""

import json

import pytest

from skillwright.compute import Loss, Result
from skillwright.core import ArtifactStore, WorkerDied
from skillwright.envs import find_card
from skillwright.learners import Entrant, EpisodeScore, Problem, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.registry import make_learner
from skillwright.rewards import heartbeat
from skillwright.rewards.heartbeat import Heartbeat
from skillwright.rewards.judge import Judge, summarize
from skillwright.rewards.records import Judgements
from skillwright.rewards.sources import EnvReward
from skillwright.rewards.training import JudgingRequest, judge_in_workers, judge_policies

CARD = find_card("CartPole-v1")
SEEDS = (7, 5)


@pytest.fixture(scope="module")
def policies():
    plan = TrainingPlan(total_timesteps=1024, report=lambda *_: None)
    problem = Problem(
        card=CARD, score_episodes=lambda all: [EpisodeScore(None, 0.0, 0.0, one.num_transitions) for one in all]
    )
    trained = make_learner(CARD).train(problem, [Entrant(EnvReward(), seed) for seed in (1, 2, 3)], plan)
    return [one.policy for one in trained]


@pytest.fixture
def request_(policies, tmp_path):
    store = ArtifactStore(tmp_path)
    shas = [store.put(policy.to_bytes()) for policy in policies]
    return JudgingRequest(card=CARD, task="balance", policies=shas, seeds=SEEDS, artifacts=str(tmp_path))


@pytest.fixture
def expected(policies):
    """What the policies themselves do, with no heart beating."""
    judge, (first, num) = Judge(CARD, "balance"), SEEDS
    return [summarize(judge.score(episodes)) for episodes in play_episodes(CARD, policies, range(first, first + num))]


class Losing:
    """Loses the workers of some tasks, counted in the order in which they are run."""

    num_workers = 2

    def __init__(self, *lost):
        self.lost = lost
        self.tasks = []

    def run(self, tasks, report):
        position = 0
        while position < len(tasks):
            task = tasks[position]
            self.tasks.append(task)
            lost = position in self.lost
            yield position, Loss(reason="gone") if lost else Result(text=judge_policies(task.request, lambda _: None))
            position += 1

    def close(self):
        pass


def test_signs_of_life_change_no_judgement(request_, expected, monkeypatch):
    monkeypatch.setattr(heartbeat, "_PERIOD_S", 0.0)
    heard = []
    judged = judge_policies(request_.model_dump_json(), heard.append)
    assert Judgements.model_validate_json(judged).judgements == expected
    assert len(heard) > max(judgement.episode_length for judgement in expected)
    assert {json.dumps(json.loads(text)) for text in heard} == {"{}"}


def test_a_heart_does_not_beat_more_often_than_anyone_listens():
    given = []
    heart = Heartbeat(lambda: given.append(1))
    for _ in range(1000):
        heart.beat()
    assert given == [1]


@pytest.mark.parametrize("lost", [(), (0,), (1,), (0, 1)])
def test_policies_are_judged_although_a_worker_is_lost(request_, expected, lost):
    executor = Losing(*lost)
    assert judge_in_workers(request_, executor, patience_s=7.0).judgements == expected
    assert len(executor.tasks) == 2 + len(lost)
    assert {task.patience_s for task in executor.tasks} == {7.0}


def test_policies_whose_worker_is_lost_twice_cannot_be_judged(request_):
    with pytest.raises(WorkerDied, match="could not be judged: its worker was lost twice: gone"):
        judge_in_workers(request_, Losing(1, 2))
