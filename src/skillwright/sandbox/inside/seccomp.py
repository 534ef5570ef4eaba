"""Seccomp: of all system calls a process keeps only those that computing in memory needs."""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["restrict_self"]

_NAMES = (
    "read write munmap mremap brk madvise futex rt_sigreturn rt_sigprocmask restart_syscall exit exit_group "
    "clock_gettime gettimeofday getpid gettid getrandom sched_yield sigaltstack mmap mprotect"
).split()
_WITHOUT_EXECUTING = ("mmap", "mprotect")
"""Calls whose memory may not become code: no library is loaded, nothing is assembled."""
_PROT_EXEC = 4


class _Architecture(NamedTuple):
    audit: int
    """How the kernel names it."""
    numbers: Mapping[str, int]
    """System call -> its number."""


_ARCHITECTURES = {
    "x86_64": _Architecture(
        0xC000003E,
        dict(
            zip(
                _NAMES,
                (0, 1, 11, 25, 12, 28, 202, 15, 14, 219, 60, 231, 228, 96, 39, 186, 318, 24, 131, 9, 10),
                strict=True,
            )
        ),
    ),
    "aarch64": _Architecture(
        0xC00000B7,
        dict(
            zip(
                _NAMES,
                (63, 64, 215, 216, 214, 233, 98, 139, 135, 128, 93, 94, 113, 169, 172, 178, 278, 124, 132, 222, 226),
                strict=True,
            )
        ),
    ),
}

# The classic BPF that seccomp runs: opcode, jump if true, jump if false, operand.
_LOAD, _EQUALS, _HAS_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 32
"""Where ``struct seccomp_data`` holds what is looked at."""
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000
"""What becomes of a call: it is made, it fails with EPERM, or it ends the process."""
_SET_SECCOMP, _FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def restrict_self() -> str:
    """Gives up all other system calls; privileges can no longer be gained by then, or the kernel refuses.

    Returns:
        Nothing; or why this machine cannot.
    """
    if not sys.platform.startswith("linux"):
        return "seccomp is part of Linux"
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None:
        return f"no table of system calls for {platform.machine()}"
    instructions = _filter(architecture)
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(instructions), ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        return f"seccomp refused the filter ({os.strerror(ctypes.get_errno())})"
    return ""


def _filter(architecture: _Architecture) -> list[tuple[int, int, int, int]]:
    """Writes the filter; every test of a number is followed by what becomes of the call."""
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUALS, 1, 0, architecture.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for name, number in architecture.numbers.items():
        if name in _WITHOUT_EXECUTING:
            instructions += [
                (_EQUALS, 0, 4, number),
                (_LOAD, 0, 0, _THIRD_ARGUMENT),
                (_HAS_BIT, 1, 0, _PROT_EXEC),
                (_RETURN, 0, 0, _ALLOW),
                (_RETURN, 0, 0, _REFUSE),
            ]
        else:
            instructions += [(_EQUALS, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    return [*instructions, (_RETURN, 0, 0, _REFUSE)]
