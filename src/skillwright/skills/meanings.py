"""The vectors of skills: made in batches, each kept as soon as it is there, and read whole for a search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy import Connection, Select, func, select

from skillwright.core.database import Database
from skillwright.core.errors import ModelUnavailable
from skillwright.core.schema import skill_history, skill_vectors, skills

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skillwright.skills.nearest import UnitVectors

__all__ = [
    "Group",
    "Key",
    "Progress",
    "TextEmbedder",
    "Vectors",
    "embed_missing",
    "load_vectors",
    "num_missing",
    "stamp",
]

_BATCH: Final = 256
"""Skills that are embedded and written at once."""

Key = tuple[str, int]
"""Name and version."""
Group = tuple[str, str]
"""World and status."""
Progress = Callable[[int, int], None]
"""Hears after each batch how many skills have their vectors, and how many shall."""


class TextEmbedder(Protocol):
    """Turns texts into vectors of length 1; ``skillwright.llm.embeddings`` has some."""

    @property
    def spec(self) -> str:
        """Its name; vectors of different embedders are never compared."""
        ...

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Embeds texts. Shape: (len(texts), dim), float32; dim is 0 where it knows nothing of meaning."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """The meanings of what all names mean now, to one embedder."""

    stamp: int
    """Last row of history when they were read."""
    keys: list[Key]
    named: list[Group]
    groups: "NDArray[np.int32]"
    """Of each key, where its world and status stand in ``named``."""
    units: "UnitVectors"
    """One for each key."""


def num_missing(database: Database, model: str) -> int:
    """Counts what has no vector yet.

    Args:
        database: of the library.
        model: name of the embedder.
    """
    missing = _missing(model).subquery()
    with database.connect() as connection:
        return connection.execute(select(func.count()).select_from(missing)).scalar_one()


def embed_missing(database: Database, embedder: TextEmbedder, heard: Progress | None = None) -> int:
    """Embeds what names mean now and has no vector yet; what is done stays done, whatever happens after it.

    Args:
        database: of the library.
        embedder: of one that knows nothing of meaning, nothing is kept.
        heard: hears of each batch.

    Returns:
        How many skills were embedded.

    Raises:
        ModelUnavailable: the embedder does not answer.
        StorageError: the database cannot be written.
    """
    with database.connect() as connection:
        missing = connection.execute(_missing(embedder.spec)).all()
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        try:
            vectors = embedder.embed([f"{one.description} {one.sentence} {one.task}" for one in batch])
        except ModelUnavailable as error:
            error.add_note(
                f"{start:,} of {len(missing):,} skills have been embedded and stay so; again goes on from there."
            )
            raise
        if vectors.shape[1] == 0:
            return 0
        _keep(database, embedder.spec, [(one.name, one.version) for one in batch], vectors)
        if heard is not None:
            heard(start + len(batch), len(missing))
    return len(missing)


def stamp(connection: Connection) -> int:
    """Returns what changes whenever the library does.

    Args:
        connection: to the database.
    """
    return connection.execute(select(func.max(skill_history.c.id))).scalar() or 0


def load_vectors(connection: Connection, model: str) -> Vectors:
    """Reads the vectors of what all names mean now.

    Args:
        connection: to the database.
        model: name of the embedder.
    """
    import numpy as np

    from skillwright.skills.nearest import UnitVectors

    joined = (skill_vectors.c.name == skills.c.name) & (skill_vectors.c.version == skills.c.version)
    columns = (skills.c.name, skills.c.version, skills.c.env_id, skills.c.status, skill_vectors.c.vector)
    query = select(*columns).join(skill_vectors, joined)
    rows = connection.execute(query.where(skills.c.is_current == 1, skill_vectors.c.model == model)).all()
    matrix = np.frombuffer(b"".join(row.vector for row in rows), "<f4").reshape(len(rows), -1) if rows else None
    codes: dict[Group, int] = {}
    groups = [codes.setdefault((row.env_id, row.status), len(codes)) for row in rows]
    return Vectors(
        stamp=stamp(connection),
        keys=[(row.name, row.version) for row in rows],
        named=list(codes),
        groups=np.array(groups, np.int32),
        units=UnitVectors(np.zeros((0, 0), np.float32) if matrix is None else matrix),
    )


def _missing(model: str) -> Select[str, int, str, str, str]:
    same = (skill_vectors.c.name == skills.c.name) & (skill_vectors.c.version == skills.c.version)
    known = select(skill_vectors.c.name).where(same, skill_vectors.c.model == model).exists()
    columns = (skills.c.name, skills.c.version, skills.c.description, skills.c.sentence, skills.c.task)
    return select(*columns).where(skills.c.is_current == 1, ~known).order_by(skills.c.name)


def _keep(database: Database, model: str, keys: Sequence[Key], vectors: "NDArray[np.float32]") -> None:
    """Writes a batch; what was renamed or embedded by another process meanwhile is left out."""
    import numpy as np

    made = {key: np.asarray(row, "<f4").tobytes() for key, row in zip(keys, vectors, strict=True)}
    with database.begin() as connection:
        query = _missing(model).where(skills.c.name.in_([name for name, _ in keys]))
        wanted = {(row.name, row.version) for row in connection.execute(query)}
        rows = [
            {"name": name, "version": version, "model": model, "vector": vector}
            for (name, version), vector in made.items()
            if (name, version) in wanted
        ]
        if rows:
            connection.execute(skill_vectors.insert(), rows)
