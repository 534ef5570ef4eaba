"""The page docs/benchmarks.md, from the files of results alone."""

from collections.abc import Iterable, Sequence
from typing import Final

from benchmarks.benchmark import Question
from benchmarks.machine import Machine
from benchmarks.records import Record, Results, last_machine, newest

__all__ = ["write_page"]

_HEAD: Final = """\
<!-- Written by `make bench` from benchmarks/results; edit benchmarks/, not this page. -->

# Benchmarks

`make bench` measures what is missing in `benchmarks/results` and writes this page; `make bench-quick` shows in a few
minutes that it all works. `python -m benchmarks run NAME --match TEXT --again` measures some cases once more; for a
ratio, all its sides should be. Only the newest measurement of each case on one machine counts.
"""
_NOTHING: Final = "Not measured yet.\n"


def write_page(questions: Iterable[Question], results: Results) -> str:
    """Writes the page.

    Args:
        questions: the benchmarks, in the order of their sections.
        results: the measurements.

    Returns:
        Markdown.

    Raises:
        CorruptArtifact: a file of results is damaged.
    """
    answers = [(question, results.read(question.name)) for question in questions]
    machine = last_machine([record for _, records in answers for record in records])
    parts = [_HEAD, *([_conditions(machine)] if machine else [])]
    for question, records in answers:
        chosen = newest(records, machine) if machine else []
        text = f"{question.section(chosen)}\n{_origin(chosen)}" if chosen else _NOTHING
        parts.append(f"## {question.title}\n\n`python -m benchmarks run {question.name}`\n\n{text}")
    return "\n".join(parts)


def _conditions(machine: Machine) -> str:
    return (
        f"Machine: {machine.cpu}, {machine.num_cores} cores, {machine.memory_gib} GiB of memory, {machine.system}. "
        "No GPU is used.\n"
    )


def _origin(records: Sequence[Record]) -> str:
    days = sorted({record.time.date().isoformat() for record in records})
    dates = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    revisions = ", ".join(dict.fromkeys(record.revision for record in records if record.revision)) or "not known"
    load = max(record.load for record in records)
    return (
        f"*Measured {dates}; commit {revisions}; highest load before a measurement {load:.1f}; "
        f"{_join_versions(records)}.*\n"
    )


def _join_versions(records: Iterable[Record]) -> str:
    versions: dict[str, dict[str, None]] = {}
    for record in records:
        for package, version in record.versions.items():
            versions.setdefault(package, {})[version] = None
    return ", ".join(f"{package} {' and '.join(found)}" for package, found in versions.items())
