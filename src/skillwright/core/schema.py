"""The tables of the database.

A change here goes with a new file in ``migrations/versions`` and a new ``HEAD``; a test holds them together.
Times are UTC in ISO 8601 with microseconds, so that sorting the text sorts the times.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

__all__ = ["HEAD", "entries", "metadata", "now", "runs", "skills"]

HEAD: Final = "0001"
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
    PrimaryKeyConstraint("name", "version"),
)
"""One row per version of a skill: the whole record as JSON, and the columns it is searched by."""


def now() -> str:
    """Returns the present time as the tables hold it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
