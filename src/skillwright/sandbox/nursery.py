"""This side of the nursery: starts it, under bubblewrap where that is found, and has it fork cells."""

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from skillwright.core.errors import SandboxTooWeak
from skillwright.sandbox.inside.wire import Malformed, pack, read_message

__all__ = ["Nursery", "bubblewrap"]

_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from skillwright.sandbox.inside.nursery import serve; serve(int(sys.argv[1]))"
)
_START_TIMEOUT_S: Final = 60.0
_ANSWER_TIMEOUT_S: Final = 20.0
_ONE_THREAD: Final = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
_SYSTEM_FOLDERS: Final = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache")


class Nursery:
    """A process that forks cells; it ends when this object is closed, or when this process ends.

    Raises:
        SandboxTooWeak: it does not start.
    """

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            command = [*bubblewrap()[0], sys.executable, "-I", "-S", "-c", _BOOT, str(theirs.fileno()), _path()]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=_ONE_THREAD,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        try:
            self._hear(_START_TIMEOUT_S)
        except (EOFError, OSError, Malformed):
            self._process.kill()
            _, said = self._process.communicate()
            raise SandboxTooWeak(
                f"the sandbox does not start: {said.decode(errors='replace').strip()[-500:]}"
            ) from None

    @property
    def is_alive(self) -> bool:
        """Whether it can fork."""
        return self._process.poll() is None

    def fork(self, descriptors: Sequence[int], order: Mapping[str, int]) -> int:
        """Has a cell forked.

        Args:
            descriptors: of its channel, its inputs and its outputs.
            order: sizes and limits; see ``inside.cell.live``.

        Returns:
            What ``end`` knows it by.

        Raises:
            EOFError: the nursery is gone.
            OSError: it is gone, or does not answer.
            Malformed: it answers with what is no message.
        """
        try:
            socket.send_fds(self._control, [pack({"do": "fork", "order": order})], list(descriptors))
            return int(str(self._hear(_ANSWER_TIMEOUT_S)["pid"]))
        except BaseException:
            self._give_up()
            raise

    def end(self, pid: int) -> Mapping[str, object]:
        """Ends a cell, or sees how it ended.

        Args:
            pid: what ``fork`` gave.

        Returns:
            ``signal`` or ``exit``; nothing if it is not known.
        """
        try:
            self._control.sendall(pack({"do": "end", "pid": pid}))
            return self._hear(_ANSWER_TIMEOUT_S)
        except (EOFError, OSError, Malformed):
            self._give_up()
            return {}

    def close(self) -> None:
        """Ends the nursery and all its cells."""
        self._control.close()
        try:
            self._process.wait(_ANSWER_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _give_up(self) -> None:
        """Ends a nursery that did not answer: what it says later would be taken for another answer."""
        self._process.kill()
        self._process.wait()

    def _hear(self, timeout_s: float) -> dict[str, object]:
        self._control.settimeout(timeout_s)
        return read_message(self._control.recv)


def bubblewrap() -> tuple[list[str], str]:
    """Looks for bubblewrap, and whether it works here.

    Returns:
        What to put before a command, if anything; and else why not.
    """
    found = shutil.which("bwrap")
    if found is None:
        return [], "the command bwrap is not installed"
    reason = _try_out(found)
    return ([], reason) if reason else (_wrapping(found), "")


@functools.cache
def _try_out(bwrap: str) -> str:
    tried = subprocess.run(
        [*_wrapping(bwrap), sys.executable, "-I", "-S", "-c", "pass"], capture_output=True, check=False, env={}
    )
    return tried.stderr.decode(errors="replace").strip()[-200:] if tried.returncode else ""


def _wrapping(bwrap: str) -> list[str]:
    folders = [*_SYSTEM_FOLDERS, sys.base_prefix, sys.prefix, *json.loads(_path())]
    seen = [folder for folder in dict.fromkeys(folders) if Path(folder).exists()]
    binds = [part for folder in seen for part in ("--ro-bind", folder, folder)]
    return [
        bwrap,
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        *binds,
        "--dev",
        "/dev",
        "--",
    ]


def _path() -> str:
    """Gives where modules are found, as JSON; the far side looks nowhere else."""
    return json.dumps([os.path.abspath(place) for place in sys.path if place and os.path.exists(place)])
