"""The worker process: reads tasks from its standard input, answers on what was its standard output."""

import ctypes
import json
import os
import queue
import signal
import sys
import threading
import traceback
from importlib import import_module
from typing import BinaryIO, Final

from skillwright.compute.executor import Function

__all__ = ["main"]

_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Serves tasks until the parent closes the pipe or ends."""
    _end_with_parent()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever prints must not disturb the protocol
    tasks: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    while True:
        message = json.loads(tasks.get())
        _answer(answers, **_serve(answers, message["function"], message["request"]))


def _end_with_parent() -> None:
    """Has the system end this process when the parent's thread that started it ends, even if it hangs by then."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _listen(tasks: "queue.Queue[bytes]") -> None:
    """Passes tasks on; ends the process when the parent is gone, even in the middle of a task."""
    for line in sys.stdin.buffer:
        tasks.put(line)
    os._exit(0)


def _serve(answers: BinaryIO, function: str, request: str) -> dict[str, str]:
    try:
        result = _resolve(function)(request, lambda text: _answer(answers, report=text))
    except (Exception, SystemExit) as error:
        traceback.print_exc(file=sys.stderr)
        return {"error": str(error), "type": type(error).__name__}
    return {"result": result}


def _resolve(function: str) -> Function:
    module, _, name = function.partition(":")
    resolved: Function = getattr(import_module(module), name)
    return resolved


def _answer(answers: BinaryIO, **message: str) -> None:
    answers.write(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        os._exit(1)  # an orderly exit would wait for the listening thread, in vain
