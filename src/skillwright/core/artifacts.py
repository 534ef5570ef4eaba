"""Files stored under the hash of their content: written whole or not at all, checked on every read."""

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from skillwright.core.errors import CorruptArtifact, StorageError, storage_errors

__all__ = ["ArtifactStore"]

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PART: Final = ".part"
_REMEDY: Final = "restore it from a backup, or run the task again to make it anew"


class ArtifactStore:
    """A folder of immutable files, each named by the SHA-256 of its content.

    A file is written beside its place, flushed to the disk and then renamed, so whoever finds it finds it
    whole, even after a crash or a power cut.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes) -> str:
        """Stores the data; storing the same data again changes nothing.

        Args:
            data: content of the artifact.

        Returns:
            SHA-256 of the data, 64 lower-case hexadecimal digits: the name to get it by.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.
        """
        sha = hashlib.sha256(data).hexdigest()
        place = self.path(sha)
        with storage_errors(place):
            if not _holds(place, data):
                place.parent.mkdir(parents=True, exist_ok=True)
                with _replacing(place) as file:
                    file.write(data)
        return sha

    def get(self, sha: str) -> bytes:
        """Reads an artifact and checks that it is what was stored.

        Args:
            sha: what ``put`` returned.

        Raises:
            CorruptArtifact: the file is missing, truncated or changed.
            StorageError: the file cannot be read.
        """
        place = self.path(sha)
        try:
            data = place.read_bytes()
        except FileNotFoundError:
            raise CorruptArtifact(f"the artifact {place} is missing; {_REMEDY}") from None
        except OSError as error:
            raise StorageError(f"cannot read the artifact {place}: {error.strerror or error}") from error
        if hashlib.sha256(data).hexdigest() != sha:
            raise CorruptArtifact(
                f"the artifact {place} is damaged: its {len(data)} bytes are not what was stored; {_REMEDY}"
            )
        return data

    def discard(self, sha: str) -> None:
        """Removes an artifact that nothing needs any more; one that is not there stays away.

        Args:
            sha: what ``put`` returned.

        Raises:
            CorruptArtifact: ``sha`` is not a SHA-256.
            StorageError: the folder cannot be written.
        """
        place = self.path(sha)
        with storage_errors(place):
            place.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Removes what writers that were killed have left half written; who is still writing is not disturbed.

        Raises:
            StorageError: the folder cannot be written.
        """
        with storage_errors(self._root):
            for part in self._root.glob(f"*/*/.*{_PART}"):
                with contextlib.suppress(FileNotFoundError), part.open("rb") as file:
                    if _locks(file.fileno()):
                        part.unlink()

    def path(self, sha: str) -> Path:
        """Returns where an artifact lies, whether or not it exists.

        Args:
            sha: what ``put`` returned.

        Raises:
            CorruptArtifact: ``sha`` is not a SHA-256, so whatever named it is damaged.
        """
        if not _SHA256.fullmatch(sha):
            raise CorruptArtifact(f"{sha!r} cannot name an artifact: it is not a SHA-256; {_REMEDY}")
        return self._root / sha[:2] / sha[2:4] / sha

    def __contains__(self, sha: str) -> bool:
        return _SHA256.fullmatch(sha) is not None and self.path(sha).is_file()


def _holds(place: Path, data: bytes) -> bool:
    try:
        return place.stat().st_size == len(data) and place.read_bytes() == data
    except FileNotFoundError:
        return False


@contextmanager
def _replacing(place: Path) -> Iterator[IO[bytes]]:
    """Gives a file that takes its place only once it is whole and on the disk; on failure nothing stays."""
    file = _begin_part(place.parent)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, place)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise
    _flush_folder(place.parent)


def _begin_part(folder: Path) -> IO[bytes]:
    """Begins a file that stays locked for as long as somebody writes it, which is how ``tidy`` knows."""
    while True:
        file = tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=_PART, delete=False)  # noqa: SIM115
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        if os.path.exists(file.name):  # else somebody tidied between the two
            return file
        file.close()


def _locks(descriptor: int) -> bool:
    """Locks an open file if nobody else has."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _flush_folder(folder: Path) -> None:
    """Makes a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
