import asyncio
import threading
import time

import pytest

from skillwright.llm.side_by_side import do_side_by_side
from skillwright.llm.waiting import complete


def test_every_task_ends_with_its_own_result():
    done, failure = [], ValueError("no")

    def fail():
        raise failure

    tasks = [lambda: done.append(0), fail, lambda: done.append(2)]
    ended = list(do_side_by_side(tasks, 2, threading.Event()))
    assert sorted(ended, key=str) == [None, None, failure]
    assert sorted(done) == [0, 2]


def test_no_task_is_begun_after_the_stop():
    stop, begun = threading.Event(), []

    def task():
        begun.append(1)
        stop.set()

    assert len(list(do_side_by_side([task] * 5, 1, stop))) == 1
    assert begun == [1]


def test_leaving_the_iteration_stops_the_rest():
    stop, begun = threading.Event(), []
    tasks = [lambda: begun.append(1), lambda: time.sleep(0.3), *[lambda: begun.append(2)] * 9]
    iteration = do_side_by_side(tasks, 1, stop)
    next(iteration)
    iteration.close()
    time.sleep(0.5)
    assert begun == [1]


def test_work_that_takes_too_long_is_cancelled():
    cancelled = threading.Event()

    async def work():
        try:
            await asyncio.sleep(30)
        finally:
            cancelled.set()

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        complete(work(), 0.1)
    assert time.monotonic() - began < 2
    assert cancelled.wait(2)


def test_work_can_be_done_from_inside_a_running_loop():
    async def work():
        return 7

    async def outer():
        return complete(work(), 5)

    assert asyncio.run(outer()) == 7


def test_what_the_work_raises_is_passed_on():
    async def work():
        raise KeyError("x")

    with pytest.raises(KeyError):
        complete(work(), 5)
