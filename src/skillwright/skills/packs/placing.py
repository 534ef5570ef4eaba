"""Puts a file where a person wants it: whole or not at all, and without leftovers of those who were killed."""

import contextlib
import fcntl
import glob
import os
import tempfile
from pathlib import Path
from typing import IO, Final

from skillwright.core.errors import storage_errors

__all__ = ["place_file"]

_PART: Final = ".part"


def place_file(place: Path, data: bytes) -> None:
    """Writes a file beside its place, flushes it to the disk, and moves it there.

    Args:
        place: where it goes; what is there is replaced.
        data: its content.

    Raises:
        StorageError: the disk is full, or the folder cannot be written; what was there is there still.
    """
    with storage_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        _tidy(place)
        part = _begin_part(place)
        try:
            with part:
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
                os.chmod(part.name, 0o666 & ~_umask())
                os.replace(part.name, place)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def _tidy(place: Path) -> None:
    """Removes what was half written for this place by whoever does not live any more."""
    for left in place.parent.glob(f".{glob.escape(place.name)}.*{_PART}"):
        with contextlib.suppress(OSError), left.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _begin_part(place: Path) -> IO[bytes]:
    """Begins a file that stays locked for as long as somebody writes it."""
    while True:
        part = tempfile.NamedTemporaryFile(  # noqa: SIM115
            dir=place.parent, prefix=f".{place.name}.", suffix=_PART, delete=False
        )
        fcntl.flock(part.fileno(), fcntl.LOCK_EX)
        if os.path.exists(part.name):  # else somebody tidied between the two
            return part
        part.close()


def _umask() -> int:
    """Reads the mask of permissions, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
