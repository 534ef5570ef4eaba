"""Does several things that wait for a network at once, and lets go of them all when the caller is interrupted."""

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator, Sequence

__all__ = ["do_side_by_side"]


def do_side_by_side(
    tasks: Sequence[Callable[[], None]], max_threads: int, stop: threading.Event
) -> Iterator[BaseException | None]:
    """Does tasks in threads of their own.

    The threads die with the process: who presses Ctrl-C waits for none of them.

    Args:
        tasks: what to do.
        max_threads: how many at once.
        stop: when it is set, by whomever, no further task is begun; leaving the iteration sets it.

    Yields:
        What each task that was begun raised, or none, as they end.
    """
    waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    ended: queue.SimpleQueue[BaseException | threading.Event | None] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)

    def work() -> None:
        while not stop.is_set():
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                break
            ended.put(_do(task))
        ended.put(stop)  # this thread begins nothing more

    num_threads = min(max_threads, len(tasks))
    for _ in range(num_threads):
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
    try:
        while num_threads:
            outcome = ended.get()
            if isinstance(outcome, threading.Event):
                num_threads -= 1
            else:
                yield outcome
    finally:
        stop.set()


def _do(task: Callable[[], None]) -> BaseException | None:
    try:
        task()
    except BaseException as error:  # it is raised, or told, by the thread that waits
        return error
    return None
