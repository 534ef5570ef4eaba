"""What a process gives up, for good, before it takes in a program nobody has reviewed."""

import ctypes
import mmap
import os
import resource
import sys
from collections.abc import Mapping

from skillwright.sandbox.inside import landlock, seccomp

__all__ = ["confine_self", "keep_only"]

_SET_DUMPABLE, _SET_NO_NEW_PRIVILEGES, _SET_DEATH_SIGNAL = 4, 38, 1
_KILL = 9
_LARGEST_SPACE = 1 << 47
_SPACE_PRECISION = 1 << 20
"""Bytes."""


def keep_only(descriptor: int) -> int:
    """Closes every descriptor but one; standard input, output and error lead nowhere from now on.

    Args:
        descriptor: the one that stays.

    Returns:
        Its new number.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    if descriptor != 3:
        os.dup2(descriptor, 3)
    os.closerange(4, max(256, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    return 3


def confine_self(memory_bytes: int, cpu_s: int) -> Mapping[str, str]:
    """Puts every layer in force that this machine has.

    Args:
        memory_bytes: address space beyond what is mapped already.
        cpu_s: seconds of CPU time after which the system ends the process.

    Returns:
        Name of each layer -> nothing if it is in force, else why it is not.
    """
    _give_up_privileges()
    mapped = _mapped_bytes() if hasattr(resource, "RLIMIT_AS") else 0
    without_files = landlock.restrict_self()
    limits = _limit(mapped + memory_bytes, cpu_s)
    return {"rlimits": limits, "landlock": without_files, "seccomp": seccomp.restrict_self()}


def _give_up_privileges() -> None:
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None)
        libc.prctl(_SET_DEATH_SIGNAL, _KILL, 0, 0, 0)
        libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def _limit(address_space: int, cpu_s: int) -> str:
    limits = {
        "RLIMIT_AS": address_space,
        "RLIMIT_CPU": cpu_s,
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 0,
        "RLIMIT_NPROC": 0,
        "RLIMIT_MEMLOCK": 0,
    }
    for name, value in limits.items():
        if not hasattr(resource, name):
            return f"this system has no {name}"
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (OSError, ValueError) as error:
            return f"{name} could not be set: {error}"
    return ""


def _mapped_bytes() -> int:
    """Finds the size of the address space: the lowest limit under which the system still grants a page.

    Under bubblewrap there is no ``/proc`` that would tell.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    low, high = 0, _LARGEST_SPACE if hard == resource.RLIM_INFINITY else hard
    while high - low > _SPACE_PRECISION:
        middle = (low + high) // 2
        low, high = (low, middle) if _grants_a_page(middle, hard) else (middle, high)
    return high


def _grants_a_page(limit: int, hard: int) -> bool:
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        mmap.mmap(-1, mmap.PAGESIZE).close()
    except (OSError, MemoryError):
        return False
    else:
        return True
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
