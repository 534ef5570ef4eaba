import json
import math
import os
import re
import signal
import subprocess
import sys
import threading

import pytest
from pydantic import BaseModel

from skillwright.core.database import Database
from skillwright.core.errors import ConfigError, NotFound, StorageError
from skillwright.core.home import Home
from skillwright.core.journal import Journal

BEGINNING = """
import sys, time
from pathlib import Path
from pydantic import BaseModel
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.journal import Journal

class Result(BaseModel):
    number: int
    payload: str = ""

home = Home.open(Path(sys.argv[1]))
journal = Journal(Database.open(home))
run_id = sys.argv[2]
"""

HANG_WITHIN_A_STEP = (
    BEGINNING
    + """
def produce():
    print("producing", flush=True)
    time.sleep(60)

journal.once(run_id, "step", Result, produce)
"""
)

WORK_STEP_BY_STEP = (
    BEGINNING
    + """
with Path(sys.argv[3]).open("a") as log:
    for index in range(1000):
        def produce():
            print(index, file=log, flush=True)
            return Result(number=index, payload=str(index) * 50_000)
        journal.once(run_id, f"step-{index}", Result, produce)
        print(index, flush=True)
"""
)

HOLD_THE_LOCK = (
    BEGINNING
    + """
with Journal.lock(home, run_id):
    print("locked", flush=True)
    time.sleep(60)
"""
)

HOLD_THE_LOCK_AND_FORK = (
    BEGINNING
    + """
import os
with Journal.lock(home, run_id):
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(60)
        os._exit(0)
    time.sleep(60)
"""
)


class Config(BaseModel):
    text: str = "land softly"


class Result(BaseModel):
    number: float
    maybe: float | None = None
    words: tuple[str, ...] = ()
    payload: str = ""


@pytest.fixture
def journal(home):
    return Journal(Database.open(Home.open()))


@pytest.fixture
def run(journal):
    return journal.start_run(kind="agent", config=Config(), seed=7)


@pytest.fixture
def start(home, run):
    """Starts a script in a process of its own and kills what is left of it."""
    processes = []

    def started(script, *arguments):
        command = [sys.executable, "-c", script, str(home), run.id, *map(str, arguments)]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return processes[-1]

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_new_run_has_a_readable_sortable_id(run):
    assert re.fullmatch(r"\d{8}-\d{6}-[a-z2-7]{4}", run.id)


def test_a_new_run_comes_back_as_it_was_started(journal, run):
    assert journal.run(run.id) == run
    assert (run.status, run.seed, run.work_seconds, run.error) == ("running", 7, 0.0, "")
    assert run.read_config(Config) == Config()


def test_a_config_of_another_class_is_not_read(run):
    with pytest.raises(StorageError, match="start a new run"):
        run.read_config(Result)


def test_a_run_is_found_by_a_unique_beginning_of_its_id(journal, run):
    assert journal.run(run.id[:-1]) == run


def test_a_beginning_that_several_runs_share_names_none(journal, run):
    journal.start_run(kind="agent", config=Config(), seed=8)
    with pytest.raises(NotFound, match="several runs begin so"):
        journal.run(run.id[:4])


@pytest.mark.parametrize("run_id", ["", "%", "_", "nothing"])
def test_an_unknown_run_is_not_found(journal, run, run_id):
    with pytest.raises(NotFound):
        journal.run(run_id)


def test_a_mistyped_run_is_answered_with_the_right_one(journal, run):
    with pytest.raises(NotFound, match=f"did you mean '{run.id}'"):
        journal.run("x" + run.id)


def test_runs_are_listed_newest_first(journal, run):
    later = [journal.start_run(kind="agent", config=Config(), seed=seed) for seed in range(3)]
    assert journal.runs() == [*reversed(later), run]


def test_a_status_stays_with_its_error(journal, run):
    journal.set_status(run.id, "failed", error="no winner")
    changed = journal.run(run.id)
    assert (changed.status, changed.error) == ("failed", "no winner")
    assert changed.updated_at > run.updated_at


def test_a_resumed_run_has_no_error_any_more(journal, run):
    journal.set_status(run.id, "failed", error="no winner")
    journal.set_status(run.id, "running")
    assert journal.run(run.id).error == ""


def test_work_adds_up_over_sittings(journal, run):
    journal.add_work(run.id, 1.5)
    journal.add_work(run.id, 2.0)
    assert journal.run(run.id).work_seconds == 3.5


def test_an_unknown_run_can_neither_change_nor_work(journal):
    with pytest.raises(NotFound):
        journal.set_status("nothing", "finished")
    with pytest.raises(NotFound):
        journal.add_work("nothing", 1.0)


def test_a_step_is_made_once(journal, run):
    made = []

    def produce():
        made.append(1)
        return Result(number=len(made))

    results = [journal.once(run.id, "step", Result, produce) for _ in range(3)]
    assert results == [Result(number=1)] * 3
    assert made == [1]


def test_the_first_and_the_resumed_value_are_identical(journal, run):
    def produce():
        return Result(number=0.1 + 0.2, maybe=math.inf, words=("ä", "\n"))

    first = journal.once(run.id, "step", Result, produce)
    again = journal.once(run.id, "step", Result, produce)
    assert first == again == produce()


def test_a_step_that_fails_is_made_again(journal, run):
    def fail():
        raise RuntimeError("no model")

    with pytest.raises(RuntimeError):
        journal.once(run.id, "step", Result, fail)
    assert journal.keys(run.id) == []
    assert journal.once(run.id, "step", Result, lambda: Result(number=2)) == Result(number=2)


def test_a_step_of_an_unknown_run_is_refused_before_it_is_paid_for(journal):
    made = []
    with pytest.raises(NotFound):
        journal.once("nothing", "step", Result, lambda: made.append(1))
    assert made == []


def test_steps_of_different_runs_are_apart(journal, run):
    other = journal.start_run(kind="agent", config=Config(), seed=8)
    journal.once(run.id, "step", Result, lambda: Result(number=1))
    assert journal.get(other.id, "step", Result) is None


def test_a_result_of_another_class_is_not_read(journal, run):
    journal.once(run.id, "step", Config, Config)
    with pytest.raises(StorageError, match="the entry 'step'"):
        journal.get(run.id, "step", Result)


def test_keys_are_listed_in_the_order_of_their_steps(journal, run):
    for key in ("b", "a", "c"):
        journal.once(run.id, key, Config, Config)
    assert journal.keys(run.id) == ["b", "a", "c"]


def test_threads_that_make_the_same_step_at_once_get_the_same_result(journal, run):
    everyone_produces = threading.Barrier(4)
    results = []

    def work(number):
        def produce():
            everyone_produces.wait()
            return Result(number=number)

        results.append(journal.once(run.id, "step", Result, produce))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len({result.number for result in results}) == 1


def test_a_process_killed_within_a_step_leaves_no_row(journal, run, start):
    process = start(HANG_WITHIN_A_STEP)
    assert process.stdout.readline() == "producing\n"
    kill(process)
    assert journal.keys(run.id) == []


@pytest.mark.parametrize("num_steps", [1, 4, 9])
def test_a_process_killed_at_any_moment_leaves_whole_rows_and_its_successor_goes_on(
    journal, run, start, tmp_path, num_steps
):
    process = start(WORK_STEP_BY_STEP, tmp_path / "log")
    for _ in range(num_steps):
        process.stdout.readline()
    kill(process)
    finished = journal.keys(run.id)
    assert finished == [f"step-{index}" for index in range(len(finished))]
    assert len(finished) >= num_steps
    for index, key in enumerate(finished):
        assert journal.get(run.id, key, Result) == Result(number=index, payload=str(index) * 50_000)

    successor = start(WORK_STEP_BY_STEP, tmp_path / "log")
    for _ in range(len(finished) + 2):
        successor.stdout.readline()
    kill(successor)
    made = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    for index in range(len(finished)):
        assert made.count(index) == 1


def test_a_run_is_worked_on_by_one_process_at_a_time(home, run, start):
    assert start(HOLD_THE_LOCK).stdout.readline() == "locked\n"
    with (
        pytest.raises(ConfigError, match=f"another process is working on run {run.id}"),
        Journal.lock(Home.open(), run.id),
    ):
        pytest.fail("two processes hold the lock")


def test_a_killed_process_keeps_no_lock(home, run, start):
    process = start(HOLD_THE_LOCK)
    process.stdout.readline()
    kill(process)
    with Journal.lock(Home.open(), run.id):
        pass


def test_a_forked_worker_that_outlives_its_parent_keeps_no_lock(home, run, start):
    process = start(HOLD_THE_LOCK_AND_FORK)
    worker = int(process.stdout.readline())
    kill(process)
    try:
        with Journal.lock(Home.open(), run.id):
            os.kill(worker, 0)
    finally:
        os.kill(worker, signal.SIGKILL)


def test_a_released_lock_can_be_taken_again(home, run):
    for _ in range(2):
        with Journal.lock(Home.open(), run.id):
            pass
