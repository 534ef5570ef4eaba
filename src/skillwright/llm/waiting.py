"""Ends what takes too long: work on the network runs in a loop of its own, and is cancelled when its time is up."""

import asyncio
import functools
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Final, TypeVar

__all__ = ["complete"]

T = TypeVar("T")

_STARTING: Final = threading.Lock()
_GRACE_S: Final = 2.0
"""For the loop to cancel the work by itself, before it is left behind."""


def complete(work: Coroutine[object, object, T], timeout_s: float) -> T:
    """Does asynchronous work and returns its result, from any thread, also from one that runs a loop.

    Ctrl-C, and any other exception in the calling thread, cancels the work and is passed on at once.

    Args:
        work: what to do.
        timeout_s: seconds after which it is cancelled.

    Raises:
        TimeoutError: its time was up.
    """
    with _STARTING:
        loop = _loop(os.getpid())
    future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, timeout_s), loop)
    try:
        return future.result(timeout_s + _GRACE_S)
    except CancelledError:
        raise TimeoutError from None
    except BaseException:
        future.cancel()
        raise


@functools.cache
def _loop(_pid: int) -> asyncio.AbstractEventLoop:
    """Starts the loop of this process; one for all, as connections belong to the loop that opened them."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="skillwright-llm", daemon=True).start()
    return loop
