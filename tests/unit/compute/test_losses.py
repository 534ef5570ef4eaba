"""Workers that die, hang or talk nonsense: noticed, ended, replaced, and no other task hears of it."""

import os
import signal
import time

import pytest

from skillwright.compute import Loss, Result
from skillwright.compute import process as process_module

from .conftest import is_running, run, task, wait_until

PATIENCE_S = 2.0
"""Far more than a warm worker needs between two reports of these functions."""


@pytest.fixture
def warm(executor):
    """Both workers have started, so that only what a test is about takes time."""
    run(executor, ("sleep", "0.5"), ("sleep", "0.5"))
    return executor


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (("die", ""), "a worker process ended by signal 9"),
        (("leave", "3"), "a worker process ended by exit code 3: a mess"),
        (("leave", "0"), "a worker process ended by exit code 0: a mess"),
        (("resign", "enough"), "a worker failed: SystemExit: enough"),
        (("interrupt", ""), "a worker process ended by exit code 1: KeyboardInterrupt"),
        (("devour", ""), "a worker failed: MemoryError"),
        (("fail", "ValueError"), "a worker failed: ValueError: the words"),
        (("fail", "EnvError"), "a worker failed: EnvError: the words"),
        (("no_such_function", ""), "a worker failed: AttributeError: module"),
        (("garble", "{not json}\n"), "a worker process sent what its protocol does not know: b'{not json}'"),
        (("garble", "[" * 100_000 + "\n"), "a worker process sent what its protocol does not know: b'[[["),
        (("garble", '{"verdict": "guilty"}\n'), "a worker process sent what its protocol does not know: {'verdict'"),
        (("garble", "7\n"), "a worker process sent what its protocol does not know: 7"),
    ],
)
def test_a_lost_worker_is_noticed_and_its_loss_has_a_reason(executor, call, reason):
    [outcome] = run(executor, call).values()
    assert outcome.startswith(f"<{reason}")


def test_what_came_before_the_nonsense_is_heard(executor):
    heard = []
    run(executor, ("garble", "nonsense\n"), report=lambda _, text: heard.append(text))
    assert heard == ["before"]


def test_a_message_without_an_end_is_none(executor, monkeypatch):
    monkeypatch.setattr(process_module, "_LONGEST_MESSAGE", 100)
    assert "does not know: b'yyyy" in run(executor, ("garble", "y" * 200))[0]


@pytest.mark.parametrize("function", ["hang", "stop"])
def test_a_silent_worker_is_ended(warm, function):
    pids: list[int] = []
    began = time.monotonic()
    outcomes = run(warm, (function, ""), report=lambda _, text: pids.append(int(text)), patience_s=PATIENCE_S)
    assert outcomes == {0: "<a worker process said nothing for 2 s>"}
    assert time.monotonic() - began > PATIENCE_S
    assert not is_running(pids[0])


def test_a_worker_that_works_for_longer_than_the_patience_and_says_so_is_not_ended(warm):
    assert run(warm, ("tick", "3"), patience_s=PATIENCE_S) == {0: "done"}


@pytest.mark.parametrize("trouble", [("die", ""), ("hang", ""), ("garble", "nonsense\n")])
def test_the_loss_of_a_worker_disturbs_no_other_task(warm, trouble):
    tasks = [task("tick", "3"), task(*trouble, patience_s=PATIENCE_S), task("double", "1"), task("double", "2")]
    outcomes = dict(warm.run(tasks, lambda *_: None))
    assert isinstance(outcomes.pop(1), Loss)
    assert outcomes == {0: Result(text="done"), 2: Result(text="2"), 3: Result(text="4")}


@pytest.mark.parametrize("trouble", [("die", ""), ("devour", "")])
def test_a_lost_worker_is_replaced_by_a_fresh_one_and_the_others_stay(warm, trouble):
    calls = [("sleep", "0.5"), ("sleep", "0.5")]
    before, after = set(), set()
    run(warm, *calls, report=lambda _, text: before.add(text))
    run(warm, trouble)
    run(warm, *calls, report=lambda _, text: after.add(text))
    assert len(before) == len(after) == 2 and len(before & after) == 1


@pytest.mark.parametrize("how", ["die", "hang"])
def test_what_a_lost_worker_has_started_is_ended_with_it(warm, how):
    children: list[int] = []
    run(warm, ("beget", how), report=lambda _, text: children.append(int(text)), patience_s=PATIENCE_S)
    wait_until(lambda: not is_running(children[0]))


def test_a_worker_that_dies_while_it_is_idle_costs_no_task(executor):
    pid = int(run(executor, ("pid", ""))[0])
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid))
    assert run(executor, ("double", "4")) == {0: "8"}


def test_an_idle_worker_that_stands_still_does_not_hold_up_whoever_sends_to_it(executor):
    """The request is longer than the pipe takes."""
    os.kill(int(run(executor, ("pid", ""))[0]), signal.SIGSTOP)
    outcomes = run(executor, ("measure", "x" * 3_000_000), patience_s=PATIENCE_S)
    assert outcomes == {0: "<a worker process said nothing for 2 s>"}


def test_a_worker_is_not_blamed_for_the_time_in_which_nobody_listened(warm):
    """The parent is away for five seconds of the six in which a worker says nothing."""
    heard = []

    def be_away(index: int, _: str) -> None:
        if index == 1:
            time.sleep(5.0)
        heard.append(index)

    outcomes = run(warm, ("sleep", "6"), ("count", "1"), report=be_away, patience_s=4.5)
    assert outcomes == {0: "woke", 1: "done"}
    assert sorted(heard) == [0, 1]


def test_if_no_worker_can_be_started_the_tasks_are_lost_with_the_reason(executor, monkeypatch):
    monkeypatch.setattr("sys.executable", "/no/such/python")
    reason = "<a worker process could not be started: No such file or directory>"
    assert run(executor, ("double", "1"), ("double", "2")) == {0: reason, 1: reason}


def test_outcomes_that_nobody_takes_any_more_leave_no_worker_behind(executor):
    pids: list[int] = []
    tasks = [task("hang", ""), task("slow", "1")]
    stream = executor.run(tasks, lambda _, text: pids.append(int(text)))
    assert next(stream)[0] == 1
    assert run(executor, ("double", "1")) == {0: "2"}
    assert len(pids) == 1 and not is_running(pids[0])
