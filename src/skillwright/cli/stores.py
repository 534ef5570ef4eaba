"""Opening what a home folder keeps."""

from pathlib import Path
from typing import TYPE_CHECKING

from skillwright.core.home import Home

if TYPE_CHECKING:
    from skillwright.core.journal import Journal
    from skillwright.skills.library import Library

__all__ = ["open_journal", "open_library"]


def open_journal(path: Path | None) -> "Journal":
    """Opens the journal of a home folder.

    Args:
        path: the folder as the person gave it.

    Raises:
        StorageError: the folder or its database cannot be used.
    """
    from skillwright.core.database import Database
    from skillwright.core.journal import Journal

    return Journal(Database.open(Home.open(path)))


def open_library(path: Path | None) -> "Library":
    """Opens the skill library of a home folder.

    Args:
        path: the folder as the person gave it.

    Raises:
        StorageError: the folder or its database cannot be used.
    """
    from skillwright.core.artifacts import ArtifactStore
    from skillwright.core.database import Database
    from skillwright.skills.library import Library

    home = Home.open(path)
    return Library(Database.open(home), ArtifactStore(home.artifacts))
