"""Does several things that wait for a network at once, and lets go of them all when the caller is interrupted."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

__all__ = ["Done", "do_side_by_side"]

T = TypeVar("T")


class Done(NamedTuple):
    """How one task ended."""

    task: int
    """Which task."""
    error: BaseException | None
    """What it raised, if anything."""


def do_side_by_side(tasks: Sequence[Callable[[], None]], max_threads: int, stop: threading.Event) -> Iterator[Done]:
    """Does tasks in threads of their own.

    The threads die with the process: who presses Ctrl-C waits for none of them.

    Args:
        tasks: what to do.
        max_threads: how many at once.
        stop: when it is set, by whomever, no further task is begun; leaving the iteration sets it.

    Yields:
        Every task that was begun, as they end.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    ended: queue.SimpleQueue[Done | None] = queue.SimpleQueue()
    for index in range(len(tasks)):
        waiting.put(index)

    def work() -> None:
        while not stop.is_set():
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                break
            ended.put(_do(index, tasks[index]))
        ended.put(None)

    num_threads = min(max_threads, len(tasks))
    for _ in range(num_threads):
        threading.Thread(target=work, daemon=True).start()
    try:
        while num_threads:
            done = ended.get()
            if done is None:
                num_threads -= 1
            else:
                yield done
    finally:
        stop.set()


def _do(index: int, task: Callable[[], None]) -> Done:
    try:
        task()
    except BaseException as error:  # it is raised, or told, by the thread that waits
        return Done(index, error)
    return Done(index, None)
