"""Takes the time of a worker: from a common start, wall and CPU."""

import os
import resource
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.cpu_time import cpu_time_s
from benchmarks.protocol import Request, Training

__all__ = ["Stopwatch"]

_POLL_S: Final = 0.001
_MAX_RSS_PER_MIB: Final = 1 << (20 if sys.platform == "darwin" else 10)


class Stopwatch:
    """Runs from the moment in which all workers are ready.

    Args:
        request: says how many workers start together, and where they meet.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._begin: tuple[float, float, int] | None = None
        self._end: tuple[float, float, int] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has been started."""
        return self._begin is not None

    def start(self, timesteps: int) -> None:
        """Waits for the other workers, then takes the time.

        Args:
            timesteps: env steps of each policy so far.
        """
        if self._request.num_workers > 1:
            self._meet(Path(self._request.start_folder))
        self._begin = self._end = _clocks(timesteps)

    def lap(self, timesteps: int) -> None:
        """Takes the time; starts the stopwatch if it is the first lap.

        Args:
            timesteps: env steps of each policy so far.
        """
        if self.is_running:
            self._end = _clocks(timesteps)
        else:
            self.start(timesteps)

    def read(self, returns: list[float] | None = None) -> Training:
        """Gives the time from the start to the last lap.

        Args:
            returns: of the held-out episodes.
        """
        assert self._begin is not None and self._end is not None, "the stopwatch was never started"
        wall_s, cpu_s, timesteps = (end - begin for begin, end in zip(self._begin, self._end, strict=True))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MAX_RSS_PER_MIB
        return Training(
            wall_s=wall_s, cpu_s=cpu_s, timesteps=int(timesteps), peak_memory_mib=peak, returns=returns or []
        )

    def _meet(self, folder: Path) -> None:
        (folder / str(os.getpid())).touch()
        while len(list(folder.iterdir())) < self._request.num_workers:
            time.sleep(_POLL_S)


def _clocks(timesteps: int) -> tuple[float, float, int]:
    return time.perf_counter(), cpu_time_s(), timesteps
