"""What the workers of the tests run."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

from skillwright.core import errors


def double(request, report):
    return str(2 * int(request))


def measure(request, report):
    return str(len(request))


def count(request, report):
    for number in range(int(request)):
        report(str(number))
    return "done"


def tick(request, report):
    """Works for some seconds and says so all the time."""
    deadline = time.monotonic() + float(request)
    while time.monotonic() < deadline:
        report("tick")
        time.sleep(0.1)
    return "done"


def chatter(request, report):
    print("noise")
    os.write(1, b"more noise\n")
    return request


def pid(request, report):
    return str(os.getpid())


def threads(request, report):
    return os.environ["OMP_NUM_THREADS"]


def fail(request, report):
    if request == "NotFound":
        raise errors.NotFound("thing", "the words")
    raise {**vars(errors), "ValueError": ValueError}[request]("the words")


def slow(request, report):
    time.sleep(float(request))
    return "done"


def fail_late(request, report):
    time.sleep(float(request))
    raise errors.ConfigError("the words")


def die(request, report):
    os.kill(os.getpid(), signal.SIGKILL)


def leave(request, report):
    print("a mess", file=sys.stderr, flush=True)
    os._exit(int(request))


def resign(request, report):
    sys.exit(request)


def interrupt(request, report):
    raise KeyboardInterrupt


def devour(request, report):
    return str(len(bytearray(1 << 62)))


def hang(request, report):
    report(str(os.getpid()))
    while True:
        time.sleep(0.01)


def stop(request, report):
    report(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)


def garble(request, report):
    """Writes past the protocol into the pipe to the parent."""
    report("before")
    [pipe] = [number for number in range(3, 64) if is_pipe(number)]
    os.write(pipe, request.encode())
    time.sleep(60)


def is_pipe(number):
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


def beget(request, report):
    """Starts a process of its own, and then does what it is told."""
    with subprocess.Popen(["sleep", "60"]) as child:
        report(str(child.pid))
        {"die": die, "hang": hang}[request]("", lambda _: None)


def die_before(request, report):
    """Dies as often as the file beside the number says, and then returns."""
    place, _, times = request.rpartition(" ")
    tally = Path(place)
    lives = len(tally.read_text()) if tally.exists() else 0
    report(f"life {lives}")
    if lives < int(times):
        tally.write_text("x" * (lives + 1))
        die(request, report)
    return f"life {lives}"


def sleep(request, report):
    report(str(os.getpid()))
    time.sleep(float(request))
    return "woke"
