"""CPU time of this process and of all that descend from it: programs run in processes of their own."""

import os
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["cpu_time_s"]

_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Places in ``/proc/PID/stat`` after the name of the command."""


class _Process(NamedTuple):
    parent: int
    cpu_s: float


def cpu_time_s() -> float:
    """Gives the CPU seconds so far, those of descendants that have ended left out; without ``/proc``, only our own."""
    processes = dict(_processes())
    below, found = [os.getpid()], 0.0
    while below:
        parent = below.pop()
        children = [pid for pid, process in processes.items() if process.parent == parent]
        found += sum(processes[pid].cpu_s for pid in children)
        below += children
    return time.process_time() + found


def _processes() -> list[tuple[int, _Process]]:
    ticks_per_s = os.sysconf("SC_CLK_TCK")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:  # it has just ended
            continue
        cpu_s = (int(fields[_USER]) + int(fields[_SYSTEM])) / ticks_per_s
        found.append((int(folder.name), _Process(int(fields[_PARENT]), cpu_s)))
    return found
