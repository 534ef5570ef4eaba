import os
import signal

import pytest

from skillwright.compute import Task
from skillwright.core import ConfigError, StorageError, errors

from .conftest import HERE, is_running, run, wait_until


def test_results_carry_the_index_of_their_task(executor):
    assert run(executor, *[("double", str(i)) for i in range(5)]) == {i: str(2 * i) for i in range(5)}


def test_reports_arrive_while_the_task_runs(executor):
    heard = []
    run(executor, ("count", "3"), report=lambda index, text: heard.append((index, text)))
    assert heard == [(0, "0"), (0, "1"), (0, "2")]


def test_what_a_task_prints_does_not_disturb_the_protocol(executor):
    assert run(executor, ("chatter", "x")) == {0: "x"}


def test_workers_stay_warm(executor):
    pids = {text for _ in range(3) for text in run(executor, ("pid", "")).values()}
    assert len(pids) == 1


def test_workers_have_one_thread(executor):
    assert run(executor, ("threads", "")) == {0: "1"}


@pytest.mark.parametrize(
    ("kind", "expected"), [("ConfigError", ConfigError), ("NotFound", ConfigError), ("StorageError", StorageError)]
)
def test_an_error_of_a_task_is_raised_for_whom_it_concerns(executor, kind, expected):
    assert hasattr(errors, kind)
    with pytest.raises(expected, match="the words"):
        run(executor, ("fail", kind))


def test_an_error_that_concerns_the_person_ends_all_other_tasks(executor):
    pids: list[int] = []
    with pytest.raises(ConfigError):
        run(executor, ("sleep", "60"), ("fail_late", "1"), report=lambda _, text: pids.append(int(text)))
    assert len(pids) == 1 and not is_running(pids[0])


def test_a_task_that_is_added_meanwhile_is_run_too(executor):
    tasks = [Task(function=f"{HERE}:double", request="1")]
    outcomes = {}
    for index, outcome in executor.run(tasks, lambda *_: None):
        outcomes[index] = outcome.text
        if len(tasks) < 3:
            tasks.append(Task(function=f"{HERE}:double", request=outcome.text))
    assert outcomes == {0: "2", 1: "4", 2: "8"}


def test_a_long_request_arrives_whole(executor):
    assert run(executor, ("measure", "x" * 3_000_000)) == {0: "3000000"}


def test_closing_ends_workers_in_the_middle_of_a_task(executor):
    pids: list[int] = []
    stream = executor.run([Task(function=f"{HERE}:sleep", request="60")], lambda _, text: stop(int(text)))

    def stop(pid: int) -> None:
        pids.append(pid)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(stream)
    executor.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


@pytest.mark.parametrize("call", ["sleep", "stop"])
def test_a_worker_ends_with_its_parent(tmp_path, pytestconfig, call):
    """The parent is killed without a chance to clean up, while its worker is busy or stands still."""
    import subprocess
    import sys

    note = tmp_path / "pid"
    program = (
        "from skillwright.compute import LocalExecutor, Task\n"
        "from pathlib import Path\n"
        f"note = lambda _, text: Path({str(note)!r}).write_text(text)\n"
        f"list(LocalExecutor(1).run([Task(function='{HERE}:{call}', request='60')], note))\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{pytestconfig.rootpath}:{pytestconfig.rootpath / 'src'}"}
    parent = subprocess.Popen([sys.executable, "-c", program], env=environment)
    wait_until(lambda: note.exists() and note.read_text())
    worker = int(note.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not is_running(worker))
