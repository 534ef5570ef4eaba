"""Where kept experience lies: a folder of Minari datasets, ``RUN/STAGE-NAME-v0``, with a budget for all of them.

One process at a time changes the folder. So whatever half-written dataset it finds was left by one that was killed, and
of two runs that end at once, each finds the other's datasets whole. A dataset comes into being by a rename.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from skillwright.core import Home
from skillwright.core.errors import storage_errors

__all__ = ["ExperienceShelf"]

_PART: Final = ".part-"
_LOCK: Final = ".lock"


class ExperienceShelf:
    """The datasets of all runs.

    Args:
        root: folder of them; made when the first one is added.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def of(cls, home: Home) -> "ExperienceShelf":
        """Gives the shelf of a home folder.

        Args:
            home: the home folder.
        """
        return cls(home.path / "experience")

    @property
    def root(self) -> Path:
        """Folder of the datasets; as ``MINARI_DATASETS_PATH`` it lets Minari find them by their ids."""
        return self._root

    def add(self, dataset_id: str, write: Callable[[Path], None], *, max_bytes: float) -> None:
        """Adds a dataset, in place of an older one of the same name, and lets the oldest go.

        Args:
            dataset_id: ``RUN/NAME-v0``.
            write: writes it into a folder that does not exist yet.
            max_bytes: most bytes of all datasets; if the new one alone is larger, nothing is kept of it.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.
        """
        with storage_errors(self._root), self._alone():
            part = Path(tempfile.mkdtemp(dir=self._root, prefix=_PART))
            try:
                write(part / "dataset")
                if _size(part) > max_bytes:
                    return
                place = self._root / dataset_id
                place.parent.mkdir(exist_ok=True)
                if place.exists():
                    place.rename(part / "older")
                (part / "dataset").rename(place)
            finally:
                shutil.rmtree(part, ignore_errors=True)
            self._trim(place, max_bytes)

    def tidy(self) -> None:
        """Removes what writers that were killed have left half written.

        Raises:
            StorageError: the folder cannot be written.
        """
        if self._root.is_dir():
            with storage_errors(self._root), self._alone():
                pass

    def datasets(self, run_id: str) -> list[Path]:
        """Finds the datasets of a run.

        Args:
            run_id: its id.

        Returns:
            Their folders, oldest first.
        """
        return _oldest_first((self._root / run_id).glob("*-v0"))

    def place(self, dataset_id: str) -> Path:
        """Says where a dataset lies, whether or not it is there.

        Args:
            dataset_id: ``RUN/NAME-v0``.
        """
        return self._root / dataset_id

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Waits until no other process changes the folder; what is half written by then nobody will finish."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / _LOCK).open("a") as lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
            for part in self._root.glob(f"{_PART}*"):
                shutil.rmtree(part, ignore_errors=True)
            yield

    def _trim(self, newest: Path, max_bytes: float) -> None:
        others = [place for place in _oldest_first(self._root.glob("*/*-v0")) if place != newest]
        sizes = {place: _size(place) for place in others}
        total = _size(newest) + sum(sizes.values())
        for place in others:
            if total <= max_bytes:
                return
            shutil.rmtree(place, ignore_errors=True)
            total -= sizes[place]
            if not any(place.parent.iterdir()):
                place.parent.rmdir()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _oldest_first(places: Iterator[Path]) -> list[Path]:
    return sorted(places, key=lambda place: (place.stat().st_mtime_ns, place.name))
