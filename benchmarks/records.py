"""The file of results: one measurement a line, never overwritten."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import Field, JsonValue, ValidationError

from benchmarks.machine import Machine
from benchmarks.protocol import Message
from skillwright.core import CorruptArtifact
from skillwright.core.serialising import from_json, to_json

__all__ = ["RESULTS", "Record", "Results", "newest"]

RESULTS: Final = Path(__file__).resolve().parent / "results"


class Record(Message):
    """One measurement and all that must be known to believe it."""

    benchmark: str
    case: dict[str, JsonValue]
    """What was measured."""
    result: dict[str, JsonValue]
    machine: Machine
    versions: dict[str, str]
    revision: str
    """Commit of the sources, with a plus if they differed from it."""
    load: float
    """Processes that wanted a core, mean of the minute before."""
    time: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    """When the measurement ended, in UTC."""


class Results:
    """The results in one folder, a file per benchmark.

    Args:
        folder: need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(self, record: Record) -> None:
        """Adds a line.

        Args:
            record: the measurement.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._file(record.benchmark).open("a", encoding="utf-8") as file:
            file.write(to_json(record) + "\n")

    def read(self, benchmark: str) -> list[Record]:
        """Reads all measurements of a benchmark, in the order in which they were made.

        Args:
            benchmark: its name.

        Raises:
            CorruptArtifact: a line is no measurement.
        """
        file = self._file(benchmark)
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        return [_parse(line, f"{file}:{number}") for number, line in enumerate(lines, start=1)]

    def _file(self, benchmark: str) -> Path:
        return self._folder / f"{benchmark}.jsonl"


def newest(records: Iterable[Record], machine: Machine) -> list[Record]:
    """Chooses the newest measurement of each case on one machine.

    Args:
        records: in the order in which they were made.
        machine: the one.
    """
    chosen = {to_json(_Case(case=record.case)): record for record in records if record.machine == machine}
    return list(chosen.values())


def last_machine(records: Sequence[Record]) -> Machine | None:
    """Finds the machine of the newest measurement; none if there is none.

    Args:
        records: of any benchmarks.
    """
    return max(records, key=lambda record: record.time).machine if records else None


class _Case(Message):
    case: dict[str, JsonValue]


def _parse(line: str, where: str) -> Record:
    try:
        return from_json(Record, line)
    except ValidationError as error:
        raise CorruptArtifact(f"{where}: not a measurement: {error}") from error
