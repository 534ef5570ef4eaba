"""What the workers of the tests run."""

import os
import signal
import time

from skillwright.core import errors


def double(request, report):
    return str(2 * int(request))


def count(request, report):
    for number in range(int(request)):
        report(str(number))
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


def die(request, report):
    os.kill(os.getpid(), signal.SIGKILL)


def sleep(request, report):
    report(str(os.getpid()))
    time.sleep(float(request))
    return "woke"
