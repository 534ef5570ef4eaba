"""The library's tables, changes and search on a PostgreSQL server of this test's own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import URL, NullPool, create_engine, text

from skillwright.core import database
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.home import Home
from skillwright.core.schema import HEAD, metadata
from skillwright.skills.library import Library
from skillwright.skills.searching import Query

from ...sample_skill import LINEAGE, sample_skill
from .at_once import HashEmbedder


def programs():
    """The folder of PostgreSQL's programs; none if there is no server on this machine."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "postgres").is_file()), None)


@pytest.fixture(scope="module")
def engine():
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed on this machine (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'psycopg[binary]')")
    # A socket's path may be no longer than 107 characters, so it lies in a short folder.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as place:
        user = None
        if os.geteuid() == 0:  # the server refuses to run as root
            user = "nobody"
            os.chown(place, pwd.getpwnam(user).pw_uid, -1)
        data = Path(place) / "data"
        options = {"user": user, "cwd": place, "check": True, "stdout": subprocess.DEVNULL}
        subprocess.run([folder / "initdb", "-D", data, "-A", "trust", "-U", "tester", "-E", "UTF8"], **options)
        server = ["-o", f"-k {place} -c listen_addresses= -c fsync=off", "-l", f"{place}/log", "-w"]
        subprocess.run([folder / "pg_ctl", "-D", data, *server, "start"], **options)
        try:
            where = URL.create("postgresql+psycopg", "tester", database="postgres", query={"host": place})
            yield create_engine(where, poolclass=NullPool)
        finally:
            subprocess.run([folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **options)


class OnServer:
    """Gives connections as ``Database`` does."""

    def __init__(self, engine):
        self.engine = engine

    @contextmanager
    def connect(self):
        with self.engine.begin() as connection:
            yield connection

    begin = connect


@pytest.fixture
def library(engine, home):
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    metadata.drop_all(engine)
    metadata.create_all(engine)
    return Library(OnServer(engine), ArtifactStore(Home.open().artifacts))


@pytest.fixture
def store(library):
    def stored(name, description, *, run_id="", **fields):
        lineage = LINEAGE.model_copy(update={"run_id": run_id or name, "task_text": description})
        artifacts = ArtifactStore(Home.open().artifacts)
        fields = {"task": "do", "name": name, "lineage": lineage, "description": description, **fields}
        return library.store(sample_skill(artifacts, **fields))

    return stored


def names(hits):
    return [hit.skill.name for hit in hits]


def test_it_is_postgresql(engine):
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version()")).scalar().startswith("PostgreSQL")


def test_skills_are_found_by_their_words_best_first(library, store):
    store("hover", "floats over the landing pad")
    store("land", "lands on the pad between the flags")
    store("balance", "keeps the pole upright")
    assert names(library.search(Query(text="pad flags"))) == ["land", "hover"]
    assert library.search(Query(text="submarine")) == []


def test_case_does_not_count(library, store):
    store("balance", "Keeps the POLE upright")
    assert names(library.search(Query(text="pole"))) == ["balance"]


def test_the_world_and_the_status_hold(library, store):
    store("balance", "keeps the pole upright")
    store("fall", "lets the pole fall", status="failed")
    store("swing", "swings the pole", env_id="test/Pole-v0")
    assert names(library.search(Query(text="pole", env_id="test/Pole-v0"))) == ["swing"]
    assert names(library.search(Query(text="pole", statuses=("failed",)))) == ["fall"]


@pytest.mark.parametrize("sign", ["%", "_", "100%", "' OR 1=1 --", "\\"])
def test_signs_in_a_text_are_not_orders_to_the_database(library, store, sign):
    store("balance", "keeps the pole upright")
    assert library.search(Query(text=sign)) == []


def test_an_embedder_finds_by_meaning(library, store):
    store("balance", "keeps the pole upright")
    store("land", "lands on the pad")
    wanted = "lands on the pad lands on the pad do"
    assert names(library.search(Query(text=wanted, embedder=HashEmbedder())))[0] == "land"


def test_versions_history_other_names_and_rollback_work(library, store):
    first = store("balance", "keeps the pole upright", run_id="run-1")
    store("balance", "keeps the pole upright", run_id="run-2")
    library.rename("balance", "stand")
    library.roll_back("balance@1")
    assert library.get("balance").version == first.version == 1
    actions = [change.action for change in library.history("stand")]
    assert actions == ["stored", "stored", "renamed", "rolled back"]
    assert names(library.search(Query(text="stand"))) == ["stand"]


def test_the_migrations_make_the_declared_tables(engine):
    metadata.drop_all(engine)
    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
