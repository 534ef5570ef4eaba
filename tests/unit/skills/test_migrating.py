"""A home of an earlier schema, filled before the library had a history, other names or an index of words."""

import json
import sqlite3

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from skillwright.core import database as core_database
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import ConfigError
from skillwright.core.home import Home
from skillwright.core.journal import Journal
from skillwright.core.schema import HEAD, metadata
from skillwright.core.serialising import to_json
from skillwright.skills.library import Library
from skillwright.skills.searching import Query

from ...sample_skill import LINEAGE, sample_skill

RUN = ("20260101-000000-aaaa", "run", "finished", "{}", 7, "0.1.0", "2026-01-01", "2026-01-02", 12.5, None)


@pytest.fixture
def old():
    """Makes a home at the first revision, and fills it as the program of that time did."""
    home = Home.open()
    config = Config()
    config.set_main_option("script_location", str(core_database._MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with create_engine(f"sqlite:///{home.database}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with sqlite3.connect(home.database) as connection:
        connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", RUN)
        connection.execute("INSERT INTO entries VALUES (?, 'plan', '{\"a\": 1}', '2026-01-01')", RUN[:1])
        for skill in made(ArtifactStore(home.artifacts)):
            connection.execute("INSERT INTO skills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row(skill))
    return home


def made(artifacts):
    """Three versions of one name, of which the second is the newest verified one, and another name."""
    for version, status in enumerate(("verified", "verified", "failed"), start=1):
        yield skill(artifacts, "hold-upright", version, status, "keep the stick standing")
    yield skill(artifacts, "chain", 1, "verified", "first this", kind="program", dependencies=("hold-upright@2",))
    yield skill(artifacts, "land", 1, "draft", "bring the rocket down", description="Lands between the flags.")


def skill(artifacts, name, version, status, sentence, **fields):
    lineage = LINEAGE.model_copy(update={"run_id": f"{name}-{version}", "task_text": sentence})
    return sample_skill(artifacts, name=name, version=version, status=status, lineage=lineage, **fields)


def row(skill):
    """As the first schema had it; manifests said what a program calls, and no table did."""
    manifest = json.loads(to_json(skill))
    manifest["evidence"]["fitness"] = float("-inf") if skill.name == "land" else manifest["evidence"]["fitness"]
    plain = (skill.name, skill.version, skill.status, skill.kind, skill.env_id, skill.task, skill.description)
    return (*plain, skill.lineage.run_id, json.dumps(manifest), skill.created_at)


@pytest.fixture
def library(old):
    return Library(Database.open(old), ArtifactStore(old.artifacts))


def test_every_version_is_there_with_its_status(library):
    versions = [(one.reference, one.status) for one in library.list(all_versions=True)]
    assert versions == [
        ("chain@1", "verified"),
        ("hold-upright@3", "failed"),
        ("hold-upright@2", "verified"),
        ("hold-upright@1", "verified"),
        ("land@1", "draft"),
    ]


def test_manifests_are_as_they_were(old, library):
    with sqlite3.connect(old.database) as connection:
        kept = connection.execute("SELECT name, version, manifest FROM skills").fetchall()
    assert [one[2] for one in kept] == [row(one)[8] for one in made(ArtifactStore(old.artifacts))]


def test_runs_and_their_journal_are_as_they_were(old, library):
    with sqlite3.connect(old.database) as connection:
        assert connection.execute("SELECT * FROM runs").fetchall() == [RUN]
        assert connection.execute("SELECT run_id, key, value FROM entries").fetchall() == [(RUN[0], "plan", '{"a": 1}')]
    assert Journal(Database.open(old)).run(RUN[0]).status == "finished"


def test_a_name_means_its_newest_verified_version_as_before(library):
    assert library.get("hold-upright").version == 2
    assert [one.reference for one in library.list()] == ["chain@1", "hold-upright@2", "land@1"]


@pytest.mark.parametrize(
    ("words", "name"),
    [("stick", "hold-upright"), ("rocket", "land"), ("flags", "land"), ("upright", "hold-upright"), ("land", "land")],
)
def test_a_search_finds_by_name_by_description_and_by_the_sentence(library, words, name):
    assert [hit.skill.name for hit in library.search(Query(text=words))] == [name]


def test_the_history_begins_with_what_was_stored(library):
    assert [(one.action, one.version, one.status, one.detail) for one in library.history("hold-upright")] == [
        ("stored", 1, "verified", "hold-upright-1"),
        ("stored", 2, "verified", "hold-upright-2"),
        ("stored", 3, "failed", "hold-upright-3"),
    ]


def test_what_a_program_calls_cannot_be_retired_under_it(library):
    assert [one.reference for one in library.dependents("hold-upright@2")] == ["chain@1"]
    with pytest.raises(ConfigError, match="needed by chain@1"):
        library.retire("hold-upright@2", "worn out")


def test_it_can_be_renamed_and_rolled_back_from_now_on(library):
    library.rename("hold-upright", "stand")
    library.roll_back("hold-upright@1")
    assert [change.action for change in library.history("stand")] == ["stored"] * 3 + ["renamed", "rolled back"]
    assert [one.reference for one in library.dependents("stand@2")] == ["chain@1"]
    assert [hit.skill.reference for hit in library.search(Query(text="stick"))] == ["stand@1"]


def test_the_schema_is_the_newest_and_alembic_sees_no_drift(old, library):
    options = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("skill_words")}
    with Database.open(old).connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []


def test_the_index_of_words_is_whole_after_the_migration(old, library):
    with sqlite3.connect(old.database) as connection:
        connection.execute("INSERT INTO skill_words (skill_words, rank) VALUES ('integrity-check', 1)")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
