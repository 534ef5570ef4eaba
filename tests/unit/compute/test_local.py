import os
import signal
import time

import pytest

from skillwright.compute import LocalExecutor, Task
from skillwright.core import ConfigError, StorageError, WorkerDied, errors

HERE = "tests.unit.compute.functions"


@pytest.fixture
def executor(monkeypatch, pytestconfig):
    monkeypatch.setenv("PYTHONPATH", f"{pytestconfig.rootpath}:{os.environ.get('PYTHONPATH', '')}")
    executor = LocalExecutor(2)
    yield executor
    executor.close()


def run(executor: LocalExecutor, *calls: tuple[str, str], report=lambda *_: None) -> dict[int, str]:
    tasks = [Task(function=f"{HERE}:{name}", request=request) for name, request in calls]
    return dict(executor.run(tasks, report))


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
    ("kind", "expected"),
    [
        ("ConfigError", ConfigError),
        ("NotFound", ConfigError),
        ("StorageError", StorageError),
        ("ValueError", WorkerDied),
    ],
)
def test_an_error_of_a_task_is_raised_for_whom_it_concerns(executor, kind, expected):
    assert kind == "ValueError" or hasattr(errors, kind)
    with pytest.raises(expected, match="the words"):
        run(executor, ("fail", kind))


def test_a_killed_worker_is_noticed_and_named(executor):
    with pytest.raises(WorkerDied, match="signal 9"):
        run(executor, ("die", ""))


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


def test_a_worker_ends_with_its_parent(tmp_path, pytestconfig):
    """The parent is killed without a chance to clean up, while its worker is busy."""
    import subprocess
    import sys

    note = tmp_path / "pid"
    program = (
        "from skillwright.compute import LocalExecutor, Task\n"
        "from pathlib import Path\n"
        f"note = lambda _, text: Path({str(note)!r}).write_text(text)\n"
        f"list(LocalExecutor(1).run([Task(function='{HERE}:sleep', request='60')], note))\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{pytestconfig.rootpath}:{pytestconfig.rootpath / 'src'}"}
    parent = subprocess.Popen([sys.executable, "-c", program], env=environment)
    wait_until(lambda: note.exists() and note.read_text())
    worker = int(note.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not is_running(worker))


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
