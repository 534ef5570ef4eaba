"""Worker processes on this machine, one thread each, spoken to in lines of JSON over their pipes."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from skillwright.compute.executor import Task
from skillwright.core import errors
from skillwright.core.errors import ConfigError, StorageError, UserError, WorkerDied

__all__ = ["LocalExecutor", "count_cores"]

_ONE_THREAD: Final = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
}


class LocalExecutor:
    """Keeps worker processes warm and gives each a task at a time.

    A worker ends with its parent, however that ends, and does not hear the terminal's Ctrl-C.

    Args:
        num_workers: processes; they are started when first needed.
    """

    def __init__(self, num_workers: int) -> None:
        self._num_workers = num_workers
        self._idle: list[_Worker] = []
        self._busy: dict[int, _Worker] = {}

    @property
    def num_workers(self) -> int:
        """Tasks that run at the same time."""
        return self._num_workers

    def run(self, tasks: Sequence[Task], report: Callable[[int, str], None]) -> Iterator[tuple[int, str]]:
        """Runs tasks side by side; see ``Executor.run``."""
        waiting = list(enumerate(tasks))
        with selectors.DefaultSelector() as selector:
            while waiting or self._busy:
                while waiting and len(self._busy) < self._num_workers:
                    index, task = waiting.pop(0)
                    self._start(index, task, selector)
                for key, _ in selector.select():
                    yield from self._take(key.data, selector, report)

    def close(self) -> None:
        """Ends all workers at once."""
        for worker in [*self._idle, *self._busy.values()]:
            worker.kill()
        self._idle.clear()
        self._busy.clear()

    def _start(self, index: int, task: Task, selector: selectors.BaseSelector) -> None:
        worker = self._idle.pop() if self._idle else _Worker()
        self._busy[index] = worker
        selector.register(worker.output, selectors.EVENT_READ, index)
        worker.send({"function": task.function, "request": task.request})

    def _take(
        self, index: int, selector: selectors.BaseSelector, report: Callable[[int, str], None]
    ) -> Iterator[tuple[int, str]]:
        """Takes what a worker sent; a result frees the worker."""
        worker = self._busy[index]
        for message in worker.receive():
            match message:
                case {"report": str(text)}:
                    report(index, text)
                case {"result": str(text)}:
                    self._idle.append(self._busy.pop(index))
                    selector.unregister(worker.output)
                    yield index, text
                case {"error": str(text), "type": str(kind)}:
                    raise _as_error(kind, text)
                case _:
                    raise WorkerDied(f"a worker sent what its protocol does not know: {str(message)[:200]}")


class _Worker:
    """One process and the text that has come from it so far."""

    def __init__(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "skillwright.compute.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **_ONE_THREAD},
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input = self._process.stdin
        self.output = self._process.stdout
        self._pending = b""

    def send(self, message: dict[str, str]) -> None:
        """Sends one message.

        Raises:
            WorkerDied: the process has ended.
        """
        try:
            self._input.write(json.dumps(message).encode() + b"\n")
            self._input.flush()
        except BrokenPipeError:
            raise self._death() from None

    def receive(self) -> list[object]:
        """Reads what has arrived.

        Returns:
            The whole messages.

        Raises:
            WorkerDied: the process has ended.
        """
        data = os.read(self.output.fileno(), 1 << 20)
        if not data:
            raise self._death()
        *lines, self._pending = (self._pending + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def kill(self) -> None:
        """Ends the process and everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._input, self.output, self._log):
            with contextlib.suppress(OSError):
                stream.close()

    def _death(self) -> WorkerDied:
        code = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        said = f": {lines[-1]}" if lines else ""
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return WorkerDied(f"a worker process ended by {how}{said}")


def count_cores() -> int:
    """Counts the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _as_error(kind: str, text: str) -> errors.SkillwrightError:
    """Rebuilds a worker's error for the person who must act on it."""
    known = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, StorageError):
        return StorageError(text)
    if isinstance(known, type) and issubclass(known, UserError):
        return ConfigError(text)
    return WorkerDied(f"a worker failed: {kind}: {text}")
