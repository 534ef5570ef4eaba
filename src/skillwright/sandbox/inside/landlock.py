"""Landlock (Linux 5.13): a process gives up every file, every network port, and every signal to others."""

import ctypes
import os
import struct
import sys

__all__ = ["restrict_self"]

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""Numbers of the system calls, the same on every architecture."""
_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Version of the interface -> how many rights over files it knows; 16 from version 5 on."""
_ALL_NETWORK = 0b11
_ALL_SCOPES = 0b11


def restrict_self() -> str:
    """Gives up all that landlock governs, for this process and all it may start.

    Returns:
        Nothing; or why this machine cannot.
    """
    if not sys.platform.startswith("linux"):
        return "landlock is part of Linux"
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))
    if version < 1:
        return f"this kernel has no landlock ({os.strerror(ctypes.get_errno())})"
    ruleset = _ruleset(version)
    descriptor = libc.syscall(_CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), ctypes.c_uint(0))
    if descriptor < 0:
        return f"landlock made no ruleset ({os.strerror(ctypes.get_errno())})"
    try:
        if libc.syscall(_RESTRICT_SELF, ctypes.c_int(descriptor), ctypes.c_uint(0)):
            return f"landlock could not be put in force ({os.strerror(ctypes.get_errno())})"
    finally:
        os.close(descriptor)
    return ""


def _ruleset(version: int) -> bytes:
    """Writes the struct of a ruleset that governs everything, and so allows nothing."""
    files = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    fields = [files]
    if version >= 4:
        fields.append(_ALL_NETWORK)
    if version >= 6:
        fields.append(_ALL_SCOPES)
    return struct.pack(f"<{len(fields)}Q", *fields)
