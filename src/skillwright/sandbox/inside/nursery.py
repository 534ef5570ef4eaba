"""The nursery: a warm process that runs no program itself, and forks a cell for each one in milliseconds.

    python -I -S -c "..." DESCRIPTOR

It ends, and with it all its cells, when the other side closes the control socket.
"""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Mapping
from typing import NoReturn

import numpy as np

from skillwright.sandbox.inside.cell import Descriptors, live
from skillwright.sandbox.inside.wire import LONGEST_MESSAGE, pack, read_message

__all__ = ["serve"]

_PATIENCE_S = 2.0
"""Seconds that the system gets to end a process."""


def serve(descriptor: int) -> NoReturn:
    """Serves the other side until it is gone.

    Args:
        descriptor: the control socket.
    """
    control = socket.socket(fileno=descriptor)
    os.environ.clear()  # numpy has read what it needs
    _warm_up()
    control.sendall(pack({"ready": True}))
    cells: set[int] = set()
    try:
        while True:
            message, descriptors = _receive(control)
            if message["do"] == "fork":
                pid = _fork(control, Descriptors(*descriptors), message["order"])  # type: ignore[arg-type]
                cells.add(pid)
                control.sendall(pack({"pid": pid}))
            else:
                pid = int(str(message["pid"]))
                control.sendall(pack(_end(pid) if pid in cells else {}))
                cells.discard(pid)
    except (EOFError, OSError):
        for pid in cells:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os._exit(0)


def _receive(control: socket.socket) -> tuple[dict[str, object], list[int]]:
    """Takes a message and the descriptors that come with its first bytes."""
    first, descriptors, _, _ = socket.recv_fds(control, LONGEST_MESSAGE, 3)
    buffered = bytearray(first)

    def read(num: int) -> bytes:
        if not buffered:
            return control.recv(num)
        part = bytes(buffered[:num])
        del buffered[:num]
        return part

    if not first:
        raise EOFError
    return read_message(read), descriptors


def _fork(control: socket.socket, descriptors: Descriptors, order: Mapping[str, int]) -> int:
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    try:
        os.setsid()
        control.detach()
        live(descriptors, order)
    finally:
        os._exit(1)


def _end(pid: int) -> dict[str, object]:
    """Sees how a cell ended; one that has not is killed."""
    deadline = time.monotonic() + _PATIENCE_S
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        os.kill(pid, signal.SIGKILL)
    while not found and time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        time.sleep(0.0005)
    if not found:
        return {}
    return {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"exit": os.WEXITSTATUS(status)}


def _warm_up() -> None:
    """Has numpy import what it imports at first use; in a cell no file can be read any more."""
    rows = np.linspace(0.0, 1.0, 12, dtype=np.float32).reshape(3, 4)
    repr(rows)
    np.linalg.norm(rows, axis=-1)
    np.einsum("ij,kj->ik", rows, rows)
    for summarize in (np.median, np.std, np.ptp):
        summarize(rows, axis=0)
    np.percentile(rows, 50.0)
    np.nan_to_num(rows)
    with contextlib.suppress(ValueError):
        np.add(np.zeros(3), np.zeros(4))
    str(np.float32(1.5))
    "".encode("ascii", "backslashreplace")
