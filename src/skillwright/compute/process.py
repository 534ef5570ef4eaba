"""One worker process and its pipes, over which lines of JSON go."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import Final

from skillwright.core.errors import WorkerDied

__all__ = ["WorkerProcess", "unintelligible"]

_ONE_THREAD: Final = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
}
_CHUNK: Final = 1 << 20
_LONGEST_MESSAGE: Final = 1 << 26
"""Bytes; more without a line break is no message."""
_QUOTED: Final = 200
_GRACE_S: Final = 5.0
"""Seconds that the system gets to end a process."""


class WorkerProcess:
    """Starts a worker in a process group of its own; it ends with its parent, however that ends.

    Raises:
        WorkerDied: the process cannot be started.
    """

    def __init__(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._log_begin = 0
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "skillwright.compute.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env={**os.environ, **_ONE_THREAD},
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            raise WorkerDied(f"a worker process could not be started: {error.strerror or error}") from error
        assert self._process.stdin is not None and self._process.stdout is not None
        self.input = self._process.stdin
        """Takes what ``flush`` writes, whenever it is writable."""
        self.output = self._process.stdout
        """Gives what ``receive`` reads, whenever it is readable."""
        os.set_blocking(self.input.fileno(), False)
        self._unsent = b""
        self._received = bytearray()

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._end() is None

    @property
    def has_unsent(self) -> bool:
        """Whether ``flush`` has something left to write."""
        return bool(self._unsent)

    def send(self, message: Mapping[str, str]) -> None:
        """Begins to send a message; never waits for the process to take it.

        Args:
            message: becomes one line.
        """
        self._log_begin = os.fstat(self._log.fileno()).st_size
        self._unsent += json.dumps(message).encode() + b"\n"
        self.flush()

    def flush(self) -> None:
        """Writes as much as the pipe takes. That the process has ended is for ``receive`` to tell."""
        try:
            written = os.write(self.input.fileno(), self._unsent[:_CHUNK])
        except BlockingIOError:
            return
        except BrokenPipeError:
            written = len(self._unsent)
        self._unsent = self._unsent[written:]

    def receive(self) -> Iterator[object]:
        """Reads what has arrived.

        Yields:
            The whole messages.

        Raises:
            WorkerDied: the process has ended, or sent what is no message.
        """
        data = os.read(self.output.fileno(), _CHUNK)
        if not data:
            raise self._death()
        self._received += data
        if b"\n" in data:
            *lines, rest = bytes(self._received).split(b"\n")
            self._received = bytearray(rest)
            yield from map(_parsed, lines)
        if len(self._received) > _LONGEST_MESSAGE:
            raise unintelligible(bytes(self._received[:_QUOTED]))

    def kill(self) -> None:
        """Ends the process and everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_S)
        for stream in (self.input, self.output, self._log):
            with contextlib.suppress(OSError):
                stream.close()

    def _death(self) -> WorkerDied:
        """Says how the process ended, and what it said last."""
        deadline = time.monotonic() + _GRACE_S
        while (end := self._end()) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if end is None:
            return WorkerDied("a worker process closed its pipe")
        how = "exit code" if end.si_code == os.CLD_EXITED else "signal"
        return WorkerDied(f"a worker process ended by {how} {end.si_status}{self._last_words()}")

    def _end(self) -> os.waitid_result | None:
        """Looks how the process ended, if it did; it stays a zombie, so that nothing else gets its group's id."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def _last_words(self) -> str:
        self._log.seek(self._log_begin)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""


def unintelligible(message: object) -> WorkerDied:
    """Makes the error for a message that no worker sends.

    Args:
        message: what came instead.
    """
    return WorkerDied(f"a worker process sent what its protocol does not know: {str(message)[:_QUOTED]}")


def _parsed(line: bytes) -> object:
    try:
        message: object = json.loads(line)
    except (ValueError, RecursionError):
        raise unintelligible(line[:_QUOTED]) from None
    return message
