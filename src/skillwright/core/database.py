"""The database of a home folder: one SQLite file, migrated when it is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from skillwright.core.errors import NewerSchema, StorageError, storage_errors
from skillwright.core.home import Home
from skillwright.core.schema import HEAD

__all__ = ["Database"]

_BUSY_TIMEOUT_S: Final = 30.0
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_PRIMARY_CODE: Final = 0xFF
"""Mask of SQLite's primary result code within an extended one."""
_CHOOSE: Final = "check its permissions or choose another folder with --home or SKILLWRIGHT_HOME"
_REASONS: Final = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space, then resume",
    sqlite3.SQLITE_IOERR: "the disk does not take or give the data; check that it is healthy and not full",
    sqlite3.SQLITE_READONLY: f"it cannot be written; {_CHOOSE}",
    sqlite3.SQLITE_CANTOPEN: f"it cannot be opened; {_CHOOSE}",
    sqlite3.SQLITE_PERM: f"it cannot be written; {_CHOOSE}",
    sqlite3.SQLITE_BUSY: f"another process held it for more than {_BUSY_TIMEOUT_S:.0f} s; end that process",
    sqlite3.SQLITE_NOTADB: "it is not a Skillwright database; move it away or restore it from a backup",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore it from a backup",
}


class Database:
    """Gives connections to the database of one home folder.

    No connection outlives its block, so a forked worker never inherits one. Many processes may use the same
    home: readers never wait (write-ahead log), writers wait for each other.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            poolclass=NullPool,
            connect_args={"timeout": _BUSY_TIMEOUT_S, "isolation_level": None},
        )
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        self._reading = engine.execution_options(begin="BEGIN")
        self._writing = engine.execution_options(begin="BEGIN IMMEDIATE")

    @classmethod
    def open(cls, home: Home) -> "Database":
        """Opens the database of a home folder; creates it or brings it to the newest schema where needed.

        Args:
            home: the home folder.

        Raises:
            NewerSchema: a newer Skillwright wrote the database.
            StorageError: the file is damaged or no database, or cannot be read or written.
        """
        database = cls(home.database)
        with _opening_lock(home.database):
            revision = database._prepare()
            if revision != HEAD:
                database._migrate(revision)
        return database

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Gives a connection for reading; everything read in the block is of one moment.

        Raises:
            StorageError: the database cannot be read.
        """
        yield from self._connection(self._reading)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Gives a connection for writing; the block is committed whole, or not at all if it raises.

        The write lock is taken at once, so what the block reads stays true until its end.

        Raises:
            StorageError: the disk is full, or the database cannot be written.
        """
        yield from self._connection(self._writing)

    def _connection(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except (DBAPIError, sqlite3.Error) as error:
            refusal = _storage_error(self._path, error.orig if isinstance(error, DBAPIError) else error)
            if refusal is None:
                raise
            raise refusal from error

    def _prepare(self) -> str | None:
        """Turns the write-ahead log on, which the file remembers, and returns the schema's revision."""
        with self.connect() as connection:
            # A journal mode cannot change within a transaction: this is the one place outside of any.
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("BEGIN")
            tables = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
            if tables.first() is None:
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def _migrate(self, revision: str | None) -> None:
        """Brings the schema to ``HEAD`` in one transaction; Alembic is imported only here."""
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if revision is not None and revision not in known:
            written = f"{self._path} was written by a newer Skillwright (schema {revision}, this one has {HEAD})"
            raise NewerSchema(f"{written}; run: pip install --upgrade skillwright")
        with self.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, HEAD)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()["begin"])


def _storage_error(path: Path, error: BaseException | None) -> StorageError | None:
    """Returns what to tell the person if the storage is at fault, and none if the statement is."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    reason = _REASONS.get(code & _PRIMARY_CODE)
    return None if reason is None else StorageError(f"cannot use the database {path}: {reason} ({error})")


@contextmanager
def _opening_lock(path: Path) -> Iterator[None]:
    """Lets one process at a time create or migrate the database."""
    lock = FileLock(path.with_suffix(".lock"), timeout=_BUSY_TIMEOUT_S)
    with storage_errors(path):
        try:
            lock.acquire()
        except Timeout:
            raise StorageError(f"cannot open the database {path}: {_REASONS[sqlite3.SQLITE_BUSY]}") from None
    try:
        yield
    finally:
        lock.release()
