import select
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

import skillwright
from skillwright.core.database import Database
from skillwright.core.errors import NewerSchema, StorageError
from skillwright.core.home import Home
from skillwright.core.schema import HEAD, metadata

OPEN = """
import sys
from pathlib import Path
from skillwright.core.database import Database
from skillwright.core.home import Home
Database.open(Home.open(Path(sys.argv[1])))
print("alembic" in sys.modules)
"""

OPEN_AT_ONCE = """
import sys, time
from pathlib import Path
from skillwright.core.database import Database
from skillwright.core.home import Home
print("ready", flush=True)
sys.stdin.readline()
database = Database.open(Home.open(Path(sys.argv[1])))
print("opened", flush=True)
with database.begin() as connection:
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS seen (who)")
    connection.exec_driver_sql("INSERT INTO seen VALUES (1)")
"""

FILL_UNTIL_THE_LIMIT = """
import resource, sys
from pathlib import Path
from skillwright.core.database import Database
from skillwright.core.errors import StorageError
from skillwright.core.home import Home
database = Database.open(Home.open(Path(sys.argv[1])))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(5000000) AS bytes")
except StorageError as error:
    print(error)
"""


@pytest.fixture
def opened(home):
    return Home.open()


def python(script, *arguments, **options):
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


def pragma(database, name):
    with database.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def structure(path):
    with sqlite3.connect(path) as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
        return {name: " ".join(sql.split()) for name, sql in connection.execute(query)}


def test_a_fresh_home_gets_the_newest_schema(opened):
    with Database.open(opened).connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]


def test_the_head_constant_is_the_head_of_the_migrations():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(skillwright.__file__).parent / "core" / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrated_schema_is_the_declared_one(opened, tmp_path):
    Database.open(opened)
    declared = tmp_path / "declared.db"
    metadata.create_all(create_engine(f"sqlite:///{declared}"))
    assert structure(opened.database) == structure(declared)


def test_alembic_sees_nothing_left_to_migrate(opened):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    options = {"include_name": lambda name, kind, _parents: kind != "table" or not name.startswith("skill_words")}
    with Database.open(opened).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_alembic_is_imported_for_a_migration_only(home):
    assert python(OPEN, home).strip() == "True"
    assert python(OPEN, home).strip() == "False"


def test_every_connection_is_safe_against_power_cuts_and_loose_rows(opened):
    database = Database.open(opened)
    assert pragma(database, "journal_mode") == "wal"
    assert pragma(database, "synchronous") == 2
    assert pragma(database, "foreign_keys") == 1
    assert pragma(database, "busy_timeout") == 30_000


def test_a_row_of_an_unknown_run_is_refused(opened):
    with pytest.raises(IntegrityError), Database.open(opened).begin() as connection:
        connection.execute(text("INSERT INTO entries VALUES ('no-run', 'key', '{}', '')"))


def test_a_block_that_raises_leaves_nothing(opened):
    database = Database.open(opened)
    with pytest.raises(RuntimeError), database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE half (x)")
        raise RuntimeError
    assert "half" not in structure(opened.database)


def test_a_reader_sees_one_moment_while_another_writes(opened):
    database = Database.open(opened)
    count = text("SELECT count(*) FROM sqlite_master WHERE name = 'late'")
    with database.connect() as reader:
        before = reader.execute(count).scalar()
        with database.begin() as writer:
            writer.exec_driver_sql("CREATE TABLE late (x)")
        assert reader.execute(count).scalar() == before


def test_a_schema_of_a_newer_version_is_left_alone(opened):
    with Database.open(opened).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = opened.database.read_bytes()
    with pytest.raises(NewerSchema, match="pip install --upgrade skillwright"):
        Database.open(opened)
    assert opened.database.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(opened):
    opened.database.write_text("my shopping list, which is not a database at all\n" * 100)
    with pytest.raises(StorageError, match="not a Skillwright database"):
        Database.open(opened)
    assert opened.database.read_text().startswith("my shopping list")


def test_a_damaged_database_is_the_persons_to_restore(opened):
    Database.open(opened)
    content = bytearray(opened.database.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    opened.database.write_bytes(content)
    with pytest.raises(StorageError, match="restore it from a backup"):
        Database.open(opened)


def test_a_database_that_is_a_folder_is_the_persons_to_mend(opened):
    opened.database.mkdir()
    with pytest.raises(StorageError, match="cannot be opened"):
        Database.open(opened)


def test_an_empty_file_becomes_a_database(opened):
    opened.database.touch()
    assert pragma(Database.open(opened), "journal_mode") == "wal"


def test_a_mistaken_statement_is_not_blamed_on_the_storage(opened):
    with (
        pytest.raises(OperationalError, match="no such table"),
        Database.open(opened).connect() as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM missing")


def test_processes_that_open_a_fresh_home_at_once_all_succeed(home):
    command = [sys.executable, "-c", OPEN_AT_ONCE, str(home)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]
    assert errors == [""] * 4
    with sqlite3.connect(home / "skillwright.db") as connection:
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (4,)


def test_opening_waits_while_another_process_prepares_the_database(opened):
    Database.open(opened)
    command = [sys.executable, "-c", OPEN_AT_ONCE, str(opened.path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with FileLock(opened.path / "skillwright.lock"):
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        assert select.select([process.stdout], [], [], 1.0)[0] == []
    assert process.communicate()[0] == "opened\n"


def test_a_write_beyond_the_file_size_limit_is_reported_and_leaves_the_rest_whole(home):
    assert "cannot use the database" in python(FILL_UNTIL_THE_LIMIT, home)
    Database.open(Home.open())
    with sqlite3.connect(home / "skillwright.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "big" not in structure(home / "skillwright.db")


def test_a_full_disk_is_reported_and_leaves_the_rest_whole(small_disk):
    opened = Home.open(small_disk)
    database = Database.open(opened)
    with pytest.raises(StorageError, match="disk is full"), database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(5000000) AS bytes")
    assert "big" not in structure(opened.database)
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE small (x)")
    assert "small" in structure(opened.database)


def test_an_installed_package_without_its_checkout_opens_a_database(tmp_path):
    installed = tmp_path / "site"
    package = Path(skillwright.__file__).parent
    for part in ("core", "__init__.py"):
        copy = shutil.copytree if (package / part).is_dir() else shutil.copy
        (installed / "skillwright").mkdir(parents=True, exist_ok=True)
        copy(package / part, installed / "skillwright" / part)
    environment = {"PYTHONPATH": str(installed), "PATH": ""}
    assert python(OPEN, tmp_path / "home", env=environment, cwd=tmp_path).strip() == "True"
    assert (tmp_path / "home" / "skillwright.db").is_file()
