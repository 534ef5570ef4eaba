"""The journal of runs: every finished step is a committed row before anything relies on it.

A run is a function whose steps go through ``Journal.once``. Killed anywhere and started again, it takes the
results of its finished steps from here and repeats only the step that was cut off.
"""

import base64
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.sqlite import insert

from skillwright import __version__
from skillwright.core.database import Database
from skillwright.core.errors import ConfigError, NotFound, StorageError, storage_errors
from skillwright.core.home import Home
from skillwright.core.schema import entries, now, runs
from skillwright.core.serialising import from_json, to_json

__all__ = ["Journal", "Run", "RunStatus"]

RunStatus = Literal["running", "interrupted", "finished", "failed"]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as the journal knows it."""

    id: str
    """``YYYYMMDD-HHMMSS-xxxx``, the UTC time of its start; sorting ids sorts runs by age."""
    kind: str
    """What was run, in one word."""
    status: RunStatus
    config: str
    """What it was asked for, as JSON; ``read_config`` parses it."""
    seed: int
    version: str
    """Version of Skillwright that started it."""
    created_at: str
    """UTC, ISO 8601."""
    updated_at: str
    """UTC, ISO 8601: the last time its status or its work time changed."""
    work_seconds: float
    """Seconds of work over all sittings."""
    error: str
    """Why it failed; empty if it did not."""

    def read_config(self, schema: type[M]) -> M:
        """Parses what the run was asked for.

        Args:
            schema: class of the config that the run was started with.

        Raises:
            StorageError: the stored config is none of this class.
        """
        return _parsed(schema, self.config, f"the config of run {self.id}")


class Journal:
    """Keeps runs and the results of their steps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start_run(self, *, kind: str, config: BaseModel, seed: int) -> Run:
        """Enters a new run as running.

        Args:
            kind: what is run, in one word.
            config: everything needed to run it again.
            seed: seed of the run.

        Raises:
            StorageError: the database cannot be written.
        """
        moment = now()
        run = Run(
            id=_new_id(),
            kind=kind,
            status="running",
            config=to_json(config),
            seed=seed,
            version=__version__,
            created_at=moment,
            updated_at=moment,
            work_seconds=0.0,
            error="",
        )
        with self._database.begin() as connection:
            connection.execute(runs.insert().values(asdict(run)))
        return run

    def run(self, run_id: str) -> Run:
        """Returns one run.

        Args:
            run_id: its id, or as many of the first characters as no other id has.

        Raises:
            NotFound: no run, or more than one, has such an id.
        """
        with self._database.connect() as connection:
            query = select(runs).where(runs.c.id.startswith(run_id, autoescape=True)).limit(2)
            rows = connection.execute(query).all() if run_id else []
            exact = [row for row in rows if row.id == run_id] or rows
            if len(exact) == 1:
                return _run(exact[0])
            hint = "several runs begin so; give more of the id" if rows else ""
            raise NotFound("run", run_id, _run_ids(connection), hint)

    def runs(self) -> list[Run]:
        """Returns all runs, newest first."""
        with self._database.connect() as connection:
            rows = connection.execute(select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc()))
            return [_run(row) for row in rows]

    def set_status(self, run_id: str, status: RunStatus, *, error: str = "") -> None:
        """Changes how a run stands.

        Args:
            run_id: id of the run.
            status: the new status.
            error: why it failed.

        Raises:
            NotFound: there is no such run.
        """
        self._update(run_id, status=status, error=error)

    def add_work(self, run_id: str, seconds: float) -> None:
        """Adds to the time a run has worked.

        Args:
            run_id: id of the run.
            seconds: seconds of work since the last call.

        Raises:
            NotFound: there is no such run.
        """
        self._update(run_id, work_seconds=runs.c.work_seconds + seconds)

    def once(self, run_id: str, key: str, schema: type[M], produce: Callable[[], M]) -> M:
        """Returns the result of a step, and makes it only if it was never made before.

        The result is committed before it is returned, and it is returned as read back from the journal: an
        unbroken and a resumed run go on with identical values. Where two callers make the same step at once,
        both get the result that was committed first.

        Args:
            run_id: id of the run.
            key: name of the step, unique in the run.
            schema: class of the result.
            produce: makes the result; what it raises is passed on, and nothing is journalled.

        Raises:
            NotFound: there is no such run.
            StorageError: the result cannot be written, or the journalled one is none of this class.
        """
        journalled = self.get(run_id, key, schema)
        if journalled is not None:
            return journalled
        self._require(run_id)
        text = to_json(produce())
        from_json(schema, text)
        with self._database.begin() as connection:
            row = {"run_id": run_id, "key": key, "value": text, "created_at": now()}
            connection.execute(insert(entries).values(row).on_conflict_do_nothing())
        committed = self.get(run_id, key, schema)
        assert committed is not None, "a committed row was lost"
        return committed

    def get(self, run_id: str, key: str, schema: type[M]) -> M | None:
        """Returns the journalled result of a step.

        Args:
            run_id: id of the run.
            key: name of the step.
            schema: class of the result.

        Returns:
            The result; none if the step was not finished.

        Raises:
            StorageError: the journalled result is none of this class.
        """
        query = select(entries.c.value).where(entries.c.run_id == run_id, entries.c.key == key)
        with self._database.connect() as connection:
            text = connection.execute(query).scalar()
        return None if text is None else _parsed(schema, text, f"the entry {key!r} of run {run_id}")

    def keys(self, run_id: str) -> list[str]:
        """Returns the names of a run's finished steps, in the order in which they were finished.

        Args:
            run_id: id of the run.
        """
        query = select(entries.c.key).where(entries.c.run_id == run_id)
        with self._database.connect() as connection:
            return list(connection.execute(query.order_by(entries.c.created_at, entries.c.key)).scalars())

    @staticmethod
    @contextmanager
    def lock(home: Home, run_id: str) -> Iterator[None]:
        """Keeps every other process from working on a run; a killed process keeps no lock.

        Args:
            home: the home folder.
            run_id: id of the run.

        Raises:
            ConfigError: another process works on this run.
            StorageError: the run's folder cannot be written.
        """
        place = home.run_folder(run_id) / ".lock"
        lock = FileLock(place, blocking=False)
        with storage_errors(place):
            try:
                lock.acquire()
            except Timeout:
                text = f"another process is working on run {run_id}; wait for it or end it"
                raise ConfigError(text) from None
        try:
            yield
        finally:
            lock.release()

    def _require(self, run_id: str) -> None:
        with self._database.connect() as connection:
            _refuse_unknown(connection, run_id)

    def _update(self, run_id: str, **values: object) -> None:
        with self._database.begin() as connection:
            _refuse_unknown(connection, run_id)
            connection.execute(update(runs).where(runs.c.id == run_id).values(updated_at=now(), **values))


def _new_id() -> str:
    suffix = base64.b32encode(secrets.token_bytes(3)).decode()[:4].lower()
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{suffix}"


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(**{**row._mapping, "error": row.error or ""})


def _run_ids(connection: Connection) -> list[str]:
    return list(connection.execute(select(runs.c.id)).scalars())


def _refuse_unknown(connection: Connection, run_id: str) -> None:
    if not connection.execute(select(func.count()).where(runs.c.id == run_id)).scalar():
        raise NotFound("run", run_id, _run_ids(connection))


def _parsed(schema: type[M], text: str, what: str) -> M:
    try:
        return from_json(schema, text)
    except ValidationError as error:
        reason = "it was written by another version of Skillwright, or it is damaged"
        raise StorageError(f"{what} cannot be read as {schema.__name__}: {reason}; start a new run") from error
