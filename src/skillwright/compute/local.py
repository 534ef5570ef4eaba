"""Worker processes on this machine, one thread each, spoken to in lines of JSON over their pipes."""

import os
from collections.abc import Callable, Iterator, Sequence

from skillwright.compute.executor import Loss, Outcome, Result, Task
from skillwright.compute.process import WorkerProcess, unintelligible
from skillwright.compute.watch import Call, Watch
from skillwright.core import errors
from skillwright.core.errors import ConfigError, StorageError, UserError, WorkerDied

__all__ = ["LocalExecutor", "count_cores"]


class LocalExecutor:
    """Keeps worker processes warm and gives each a task at a time; a lost one is replaced by a fresh one.

    A worker ends with its parent, however that ends, and does not hear the terminal's Ctrl-C.

    Args:
        num_workers: processes; they are started when first needed.
    """

    def __init__(self, num_workers: int) -> None:
        self._num_workers = num_workers
        self._idle: list[WorkerProcess] = []
        self._watch: Watch | None = None

    @property
    def num_workers(self) -> int:
        """Tasks that run at the same time."""
        return self._num_workers

    def run(self, tasks: Sequence[Task], report: Callable[[int, str], None]) -> Iterator[tuple[int, Outcome]]:
        """Runs tasks side by side; see ``Executor.run``."""
        self._leave()
        num_begun = 0
        watch = self._watch = Watch()
        try:
            while num_begun < len(tasks) or watch.calls:
                while num_begun < len(tasks) and len(watch.calls) < self._num_workers:
                    num_begun += 1
                    yield from self._begin(num_begun - 1, tasks[num_begun - 1], watch)
                for call in watch.wait():
                    yield from self._attend(call, watch, report)
                for call in watch.hanging():
                    yield _lose(call, watch, f"a worker process said nothing for {call.patience_s:g} s")
        finally:
            watch.close()  # whoever takes the outcomes may have stopped

    def close(self) -> None:
        """Ends all workers at once."""
        for worker in self._idle:
            worker.kill()
        self._idle.clear()
        self._leave()

    def _leave(self) -> None:
        """Ends what an earlier call of ``run`` left behind when nobody took its outcomes any more."""
        if self._watch:
            self._watch.close()
            self._watch = None

    def _begin(self, index: int, task: Task, watch: Watch) -> Iterator[tuple[int, Outcome]]:
        """Gives a task to a worker; the task is lost if none can be had."""
        try:
            worker = self._hire()
        except WorkerDied as death:
            yield index, Loss(reason=str(death))
            return
        worker.send({"function": task.function, "request": task.request})
        watch.begin(Call(index=index, worker=worker, patience_s=task.patience_s))

    def _hire(self) -> WorkerProcess:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            worker.kill()
        return WorkerProcess()

    def _attend(self, call: Call, watch: Watch, report: Callable[[int, str], None]) -> Iterator[tuple[int, Outcome]]:
        """Takes what a worker sent; a result frees the worker."""
        try:
            for message in call.worker.receive():
                answer = _understood(message)
                if isinstance(answer, Result):
                    watch.end(call)
                    self._idle.append(call.worker)
                    yield call.index, answer
                    return
                report(call.index, answer)
        except WorkerDied as death:
            yield _lose(call, watch, str(death))


def count_cores() -> int:
    """Counts the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lose(call: Call, watch: Watch, reason: str) -> tuple[int, Loss]:
    """Gives a worker up."""
    watch.end(call)
    call.worker.kill()
    return call.index, Loss(reason=reason)


def _understood(message: object) -> str | Result:
    """Gives the text of a report, or the result; raises what went wrong in the worker."""
    match message:
        case {"report": str(text)}:
            return text
        case {"result": str(text)}:
            return Result(text=text)
        case {"error": str(text), "type": str(kind)}:
            raise _as_error(kind, text)
        case _:
            raise unintelligible(message)


def _as_error(kind: str, text: str) -> errors.SkillwrightError:
    """Rebuilds a worker's error for the person who must act on it."""
    known = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, StorageError):
        return StorageError(text)
    if isinstance(known, type) and issubclass(known, UserError):
        return ConfigError(text)
    return WorkerDied(f"a worker failed: {kind}: {text}".removesuffix(": "))
