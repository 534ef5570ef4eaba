"""Removes the files of an import that came to nothing, even of one that was killed."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from sqlalchemy import select

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import StorageError, storage_errors
from skillwright.core.schema import skills

__all__ = ["Bringing", "bringing", "tidy"]

_PREFIX: Final = ".import-"
_SUFFIX: Final = ".note"


class Bringing:
    """Stores artifacts of an import, and notes each new one first.

    Args:
        artifacts: where they go.
        note: a file that stays locked for as long as the import goes on.
    """

    def __init__(self, artifacts: ArtifactStore, note: IO[str]) -> None:
        self._artifacts = artifacts
        self._note = note

    def put(self, data: bytes, sha: str) -> None:
        """Stores an artifact.

        Args:
            data: content of the artifact.
            sha: its SHA-256.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.
        """
        if sha not in self._artifacts:
            with storage_errors(Path(self._note.name)):
                self._note.write(f"{sha}\n")
                self._note.flush()
        self._artifacts.put(data)


@contextmanager
def bringing(folder: Path, database: Database, artifacts: ArtifactStore) -> Iterator[Bringing]:
    """Lets an import store artifacts; if it raises, those go again that no skill names.

    Args:
        folder: the home folder.
        database: names what is needed.
        artifacts: where they go.

    Raises:
        StorageError: the home folder cannot be written.
    """
    with storage_errors(folder):
        note = _begin_note(folder)
    with note:
        try:
            yield Bringing(artifacts, note)
        except BaseException:
            with contextlib.suppress(StorageError):  # then the next import tidies
                _clear(Path(note.name), database, artifacts)
            raise
        Path(note.name).unlink(missing_ok=True)


def tidy(folder: Path, database: Database, artifacts: ArtifactStore) -> None:
    """Removes what imports that were killed have left; who is still importing is not disturbed.

    Args:
        folder: the home folder.
        database: names what is needed.
        artifacts: where the files are.

    Raises:
        StorageError: the home folder cannot be written.
    """
    artifacts.tidy()
    with storage_errors(folder):
        for place in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError), place.open("rb") as note:
                if _locks(note.fileno()):
                    _clear(place, database, artifacts)


def _begin_note(folder: Path) -> IO[str]:
    while True:
        note = tempfile.NamedTemporaryFile("w", dir=folder, prefix=_PREFIX, suffix=_SUFFIX, delete=False)  # noqa: SIM115
        fcntl.flock(note.fileno(), fcntl.LOCK_EX)
        if os.path.exists(note.name):  # else somebody tidied between the two
            return note
        note.close()


def _clear(place: Path, database: Database, artifacts: ArtifactStore) -> None:
    """Removes what a note names and no skill does, then the note; a last line that was cut off named nothing yet."""
    _discard(place.read_text(encoding="ascii").split("\n")[:-1], database, artifacts)
    place.unlink(missing_ok=True)


def _discard(shas: Iterable[str], database: Database, artifacts: ArtifactStore) -> None:
    """Removes files while nobody can store a skill that names them."""
    with database.begin() as connection:
        for sha in shas:
            query = select(skills.c.name).where(skills.c.manifest.contains(sha)).limit(1)
            if connection.execute(query).first() is None:
                artifacts.discard(sha)


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
