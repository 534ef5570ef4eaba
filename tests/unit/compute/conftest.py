"""Two real worker processes, and how to ask them for something."""

import os
import time

import pytest

from skillwright.compute import LocalExecutor, Loss, Task

HERE = "tests.unit.compute.functions"


@pytest.fixture
def executor(monkeypatch, pytestconfig):
    monkeypatch.setenv("PYTHONPATH", f"{pytestconfig.rootpath}:{os.environ.get('PYTHONPATH', '')}")
    executor = LocalExecutor(2)
    yield executor
    executor.close()


def task(name: str, request: str, **patience: float) -> Task:
    return Task(function=f"{HERE}:{name}", request=request, **patience)


def run(executor: LocalExecutor, *calls: tuple[str, str], report=lambda *_: None, **patience) -> dict[int, str]:
    """Gives the result of each call, or how it was lost, in angle brackets."""
    outcomes = executor.run([task(*call, **patience) for call in calls], report)
    return {index: f"<{one.reason}>" if isinstance(one, Loss) else one.text for index, one in outcomes}


def is_running(pid: int) -> bool:
    """Says whether a thread of it is left; until the last is gone, nobody can be told that it has ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            state = file.read().rpartition(")")[2].split()[0]
        return state != "Z" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except FileNotFoundError:
        return False


def wait_until(condition, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
