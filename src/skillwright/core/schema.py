"""The tables of the database.

A change here goes with a new file in ``migrations/versions`` and a new ``HEAD``; a test holds them together.
Times are UTC in ISO 8601 with microseconds, so that sorting the text sorts the times.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    event,
)

__all__ = [
    "HEAD",
    "entries",
    "metadata",
    "now",
    "runs",
    "skill_aliases",
    "skill_dependencies",
    "skill_history",
    "skill_vectors",
    "skills",
]

HEAD: Final = "0002"
"""Revision of the newest migration."""

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

runs: Final = Table(
    "runs",
    metadata,
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("config", Text, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("work_seconds", Float, nullable=False),
    Column("error", Text),
    PrimaryKeyConstraint("id"),
    CheckConstraint("status IN ('running', 'interrupted', 'finished', 'failed')", name="status"),
)
"""One row per run: what was asked, how it stands, how long it worked."""

entries: Final = Table(
    "entries",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "key"),
)
"""The journal: one row per finished step of a run, its result as JSON."""

skills: Final = Table(
    "skills",
    metadata,
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("env_id", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("is_current", Integer, nullable=False, server_default="0"),
    Column("sentence", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("name", "version"),
    Index("ix_skills_is_current", "is_current", "name"),
    Index("ix_skills_env_id", "env_id", "task", "status"),
)
"""One row per version of a skill: the whole record as JSON, which is never changed, and what may change: its
name, its status, and whether it is what the name means. SQLite's table ``skill_words`` indexes the words."""

skill_history: Final = Table(
    "skill_history",
    metadata,
    Column("id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    Index("ix_skill_history_name", "name"),
)
"""One row per thing that was done to a skill, under the name it had then; rows are only ever added."""

skill_aliases: Final = Table(
    "skill_aliases",
    metadata,
    Column("alias", Text, nullable=False),
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("alias"),
)
"""Names that skills had before they were renamed -> the names they have now."""

skill_dependencies: Final = Table(
    "skill_dependencies",
    metadata,
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("needed", Text, nullable=False),
    Column("needed_version", Integer, nullable=False),
    PrimaryKeyConstraint("name", "version", "needed", "needed_version"),
    Index("ix_skill_dependencies_needed", "needed", "needed_version"),
)
"""One row per skill that a version calls."""

skill_vectors: Final = Table(
    "skill_vectors",
    metadata,
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("model", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    PrimaryKeyConstraint("name", "version", "model"),
)
"""The meaning of a version's words to an embedder: float32, little-endian, length 1."""

_WORDS: Final = "name, version, env_id, task, description, sentence"
_INSERT: Final = f"""
INSERT INTO skill_words ({_WORDS})
SELECT name, version, env_id, task, description, sentence FROM skills
"""
_FULL_TEXT: Final = (
    "CREATE VIRTUAL TABLE skill_words USING fts5(name, version UNINDEXED, env_id, task, description, sentence, "
    "tokenize = 'porter unicode61 remove_diacritics 2')",
    f"CREATE TRIGGER skills_stored AFTER INSERT ON skills BEGIN {_INSERT} WHERE rowid = new.rowid; END",
    "CREATE TRIGGER skills_renamed AFTER UPDATE OF name ON skills BEGIN "
    "UPDATE skill_words SET name = new.name WHERE name = old.name AND version = old.version; END",
)
for _statement in _FULL_TEXT:
    event.listen(skills, "after_create", DDL(_statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]


def now() -> str:
    """Returns the present time as the tables hold it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
