"""A lost task gets a second chance, on real workers and on anything that keeps the contract."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from skillwright.compute import Loss, Outcome, Result, Task, run_with_retry
from skillwright.core import ConfigError

from .conftest import run, task


class Scripted:
    """Another executor: it ends tasks as a list says, one after another, and reports their requests."""

    num_workers = 1

    def __init__(self, *outcomes: str) -> None:
        self.outcomes = list(outcomes)

    def run(self, tasks: Sequence[Task], report: Callable[[int, str], None]) -> Iterator[tuple[int, Outcome]]:
        position = 0
        while position < len(tasks):
            report(position, tasks[position].request)
            text = self.outcomes[position]
            yield position, Loss(reason=text) if text.startswith("lost") else Result(text=text)
            position += 1

    def close(self) -> None:
        pass


def retry(executor, *requests: str, report=lambda *_: None):
    """Runs tasks; a lost one goes on with its request and a stroke."""
    renewed = []

    def renew(index, reason):
        renewed.append((index, reason))
        return task("any", f"{requests[index]}'")

    outcomes = dict(run_with_retry(executor, [task("any", request) for request in requests], report, renew))
    return outcomes, renewed


def test_a_task_that_is_not_lost_is_run_once():
    assert retry(Scripted("one", "two"), "a", "b") == ({0: Result(text="one"), 1: Result(text="two")}, [])


def test_a_lost_task_is_renewed_and_its_second_outcome_counts():
    outcomes, renewed = retry(Scripted("lost in space", "two", "one"), "a", "b")
    assert outcomes == {0: Result(text="one"), 1: Result(text="two")}
    assert renewed == [(0, "lost in space")]


def test_a_task_that_is_lost_twice_is_lost():
    outcomes, renewed = retry(Scripted("lost", "two", "lost"), "a", "b")
    assert outcomes == {0: Loss(reason="its worker was lost twice: lost"), 1: Result(text="two")}
    assert len(renewed) == 1


def test_two_different_losses_are_both_told():
    outcomes, _ = retry(Scripted("lost here", "lost there"), "a")
    assert outcomes[0] == Loss(reason="its worker was lost twice: lost here; then lost there")


def test_a_renewed_task_reports_under_its_own_index():
    heard = []
    retry(Scripted("one", "lost", "two"), "a", "b", report=lambda index, text: heard.append((index, text)))
    assert heard == [(0, "a"), (1, "b"), (1, "b'")]


@pytest.mark.parametrize(("lives", "expected"), [(0, "life 0"), (1, "life 1"), (2, None)])
def test_on_real_workers_a_task_survives_one_death(executor, tmp_path, lives, expected):
    tasks = [task("die_before", f"{tmp_path / 'deaths'} {lives}"), task("double", "4")]
    outcomes = dict(run_with_retry(executor, tasks, lambda *_: None, lambda index, _: tasks[index]))
    lost = Loss(reason="its worker was lost twice: a worker process ended by signal 9")
    assert outcomes == {0: Result(text=expected) if expected else lost, 1: Result(text="8")}


def test_a_lost_task_is_begun_again_before_the_others_have_ended(executor, tmp_path):
    tasks = [task("die_before", f"{tmp_path / 'deaths'} 1"), task("tick", "4")]
    ended = [index for index, _ in run_with_retry(executor, tasks, lambda *_: None, lambda index, _: tasks[index])]
    assert ended == [0, 1]


def test_an_error_that_concerns_the_person_is_no_loss(executor):
    with pytest.raises(ConfigError, match="the words"):
        list(run_with_retry(executor, [task("fail", "ConfigError")], lambda *_: None, lambda *_: pytest.fail()))
    assert run(executor, ("double", "1")) == {0: "2"}
