"""Other processes as the tests see them: what they say, whom they started, and whether they are still there."""

import json
import os
import selectors
import time
from pathlib import Path

PATIENCE_S = 120


def follow(process, moment):
    """Listens to a process that says JSON lines until the moment is reached; returns what it said until then."""
    said, text = [], b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            assert selector.select(PATIENCE_S), f"{moment} was not reached in time"
            data = os.read(process.stdout.fileno(), 1 << 16)
            assert data, f"the sitting ended before {moment}: {process.stderr.read().decode()}"
            *lines, text = (text + data).split(b"\n")
            for message in map(json.loads, lines):
                if message.get("reached") == moment:
                    return said
                said.append(message)


def children(pid):
    stats = [(int(place.parent.name), read(place)) for place in Path("/proc").glob("[0-9]*/stat")]
    return [child for child, stat in stats if stat and int(stat[1]) == pid]


def workers(pid):
    """Returns those children of a process that are workers of an executor."""
    return [child for child in children(pid) if b"skillwright.compute.worker" in command(child)]


def command(pid):
    """Returns the command line of a process; nothing if it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def read(place):
    """Returns state, parent and so on of a process; nothing if it has gone."""
    try:
        return place.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def wait_for_the_end_of(pids, timeout_s=20.0):
    """Returns who is still alive after a while."""
    deadline = time.monotonic() + timeout_s
    alive = pids
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = [pid for pid in alive if read(Path(f"/proc/{pid}/stat"))[:1] not in ([], ["Z"])]
    return alive
