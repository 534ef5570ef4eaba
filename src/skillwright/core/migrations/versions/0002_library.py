"""Gives the library its history, other names, vectors and an index of words."""

import json

import sqlalchemy as sa
from alembic import op

__all__ = ["branch_labels", "depends_on", "down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WORDS = "name, version, env_id, task, description, sentence"
_INSERT = f"""
INSERT INTO skill_words ({_WORDS})
SELECT name, version, env_id, task, description, sentence FROM skills
"""
_CURRENT = """
UPDATE skills SET is_current = 1 WHERE version = (
    SELECT other.version FROM skills AS other WHERE other.name = skills.name
    ORDER BY other.status = 'verified' DESC, other.version DESC LIMIT 1
)
"""

_STORED = """
INSERT INTO skill_history (name, version, action, status, detail, at)
SELECT name, version, 'stored', status, run_id, created_at FROM skills ORDER BY created_at, name, version
"""


def upgrade() -> None:
    """Creates the tables and fills them from the skills that are there."""
    op.add_column("skills", sa.Column("is_current", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("skills", sa.Column("sentence", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_skills_is_current", "skills", ["is_current", "name"])
    op.create_index("ix_skills_env_id", "skills", ["env_id", "task", "status"])
    op.create_table(
        "skill_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_skill_history"),
    )
    op.create_index("ix_skill_history_name", "skill_history", ["name"])
    op.create_table(
        "skill_aliases",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name="pk_skill_aliases"),
    )
    op.create_table(
        "skill_dependencies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Text(), nullable=False),
        sa.Column("needed_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", "needed", "needed_version", name="pk_skill_dependencies"),
    )
    op.create_index("ix_skill_dependencies_needed", "skill_dependencies", ["needed", "needed_version"])
    op.create_table(
        "skill_vectors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", "model", name="pk_skill_vectors"),
    )
    _read_manifests()
    op.execute(_CURRENT)
    op.execute(_STORED)
    if op.get_bind().dialect.name == "sqlite":
        _index_words()


def _read_manifests() -> None:
    """Fills what only manifests say; their numbers may be infinite or none, which no database's JSON knows."""
    connection = op.get_bind()
    sentence = sa.text("UPDATE skills SET sentence = :sentence WHERE name = :name AND version = :version")
    needed = sa.text("INSERT INTO skill_dependencies VALUES (:name, :version, :needed, :needed_version)")
    for name, version, text in connection.execute(sa.text("SELECT name, version, manifest FROM skills")).all():
        manifest, key = json.loads(text), {"name": name, "version": version}
        connection.execute(sentence, {**key, "sentence": str(manifest.get("lineage", {}).get("task_text", ""))})
        for reference in dict.fromkeys(manifest.get("dependencies", ())):
            called, _, called_version = reference.rpartition("@")
            connection.execute(needed, {**key, "needed": called, "needed_version": int(called_version)})


def _index_words() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE skill_words USING fts5(name, version UNINDEXED, env_id, task, description, sentence, "
        "tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    op.execute(_INSERT)
    op.execute(f"CREATE TRIGGER skills_stored AFTER INSERT ON skills BEGIN {_INSERT} WHERE rowid = new.rowid; END")
    op.execute(
        "CREATE TRIGGER skills_renamed AFTER UPDATE OF name ON skills BEGIN "
        "UPDATE skill_words SET name = new.name WHERE name = old.name AND version = old.version; END"
    )
