"""Workers that train as they should until their first checkpoint, and then get into trouble every time."""

import json
import os
import signal
import time

from skillwright.rewards.training import train_shard


def dying(request, report):
    return _train_until(lambda: os.kill(os.getpid(), signal.SIGKILL), request, report)


def leaving(request, report):
    return _train_until(lambda: os._exit(7), request, report)


def hanging(request, report):
    return _train_until(lambda: time.sleep(600), request, report)


def stopping(request, report):
    return _train_until(lambda: os.kill(os.getpid(), signal.SIGSTOP), request, report)


def starving(request, report):
    def allocate():
        return bytearray(1 << 62)

    return _train_until(allocate, request, report)


def _train_until(trouble, request, report):
    def hear(text):
        report(text)
        if json.loads(text)["checkpoint"]:
            trouble()

    return train_shard(request, hear)
