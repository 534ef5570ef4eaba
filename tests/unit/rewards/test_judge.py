import numpy as np
import pytest

from skillwright.core import ConfigError
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import EpisodeScore
from skillwright.rewards.judge import Judge, summarize


def episode(length: int, *, terminated: bool) -> TransitionBlock:
    seen = np.zeros((length, 4), np.float32)
    ends = np.zeros(length, bool)
    ends[-1] = True
    nothing = np.zeros(length, bool)
    columns = (ends, nothing) if terminated else (nothing, ends)
    return TransitionBlock(seen, np.zeros(length, np.int64), seen, *columns, np.ones(length, np.float32))


def judge_with(**programs: str) -> Judge:
    card = find_card("CartPole-v1")
    task = card.tasks["balance"].model_copy(update=programs)
    return Judge(card.model_copy(update={"tasks": {"balance": task}}), "balance")


def test_a_judge_gives_success_fitness_return_and_length():
    judge = Judge(find_card("CartPole-v1"), "balance")
    balanced, fallen = judge.score([episode(500, terminated=False), episode(100, terminated=True)])
    assert balanced == EpisodeScore(True, 1.0, 500.0, 500)
    assert fallen.success is False and fallen.fitness < 0.25 and fallen.length == 100


def test_a_judge_may_read_the_environments_own_reward():
    judge = judge_with(fitness="def fitness(s, a, n):\n    return np.sum(n.env_reward)\n")
    assert [one.fitness for one in judge.score([episode(7, terminated=True), episode(3, terminated=True)])] == [
        7.0,
        3.0,
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return n.nothing[-1]", "has no field 'nothing'"),
        ("return n.x", "one finite number"),
        ("return np.inf", "finite"),
        ("return None", "fitness"),
    ],
)
def test_a_judge_that_fails_names_card_task_and_program(body, said):
    judge = judge_with(fitness=f"def fitness(s, a, n):\n    {body}\n")
    with pytest.raises(ConfigError, match=r"CartPole-v1: tasks\.balance\.fitness") as caught:
        judge.score([episode(5, terminated=True)])
    assert said in str(caught.value)


def test_a_program_outside_the_language_is_refused_before_anything_runs():
    with pytest.raises(ConfigError, match=r"tasks\.balance\.success: line 1: import os is not allowed"):
        judge_with(success="import os\ndef success(s, a, n):\n    return True\n")


def test_a_summary_counts_successes_and_keeps_silent_without_a_success_program():
    scores = [EpisodeScore(True, 1.0, 3.0, 10), EpisodeScore(False, 0.0, 1.0, 20)]
    summary = summarize(scores)
    assert (summary.success_rate, summary.fitness, summary.env_return, summary.episode_length) == (0.5, 0.5, 2.0, 15.0)
    assert summary.success_interval[0] < 0.5 < summary.success_interval[1]
    silent = summarize([EpisodeScore(None, 1.0, 3.0, 10)])
    assert silent.success_rate is None and silent.success_interval is None
