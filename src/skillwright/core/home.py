"""The home folder: where a person's database, artifacts and runs are kept."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skillwright.core.errors import storage_errors

__all__ = ["Home"]

_VARIABLE: Final = "SKILLWRIGHT_HOME"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds everything Skillwright remembers."""

    path: Path
    """Absolute path of the folder; it exists and can be written."""

    @classmethod
    def open(cls, path: Path | None = None) -> "Home":
        """Opens the home folder and creates it where it is missing.

        Args:
            path: the folder; none: ``$SKILLWRIGHT_HOME``, else the platform's folder for user data.

        Raises:
            StorageError: the folder cannot be created or written.
        """
        folder = (path or _default_path()).expanduser().absolute()
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            _probe(folder)
        return cls(folder)

    @property
    def database(self) -> Path:
        """The SQLite file with runs, journal and skills."""
        return self.path / "skillwright.db"

    @property
    def artifacts(self) -> Path:
        """The folder of files stored by their hash."""
        return self.path / "artifacts"

    @property
    def runs(self) -> Path:
        """The folder with one folder per run, for its report and video."""
        return self.path / "runs"

    def run_folder(self, run_id: str) -> Path:
        """Returns the folder of one run and creates it where it is missing.

        Args:
            run_id: id of the run, as the journal gave it.

        Raises:
            StorageError: the folder cannot be created.
        """
        assert Path(run_id).name == run_id, f"{run_id!r} is not a run id"
        folder = self.runs / run_id
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder


def _default_path() -> Path:
    if chosen := os.environ.get(_VARIABLE):
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("skillwright", appauthor=False)


def _probe(folder: Path) -> None:
    """Writes a byte and deletes it: permissions alone do not say whether a folder can be written."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"\0")
        probe.flush()
