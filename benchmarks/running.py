"""Measures what has not been measured yet, case by case, and says how far it is."""

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from benchmarks.benchmark import Case, Planned, Question, Size
from benchmarks.machine import describe_machine, describe_revision, list_versions
from benchmarks.records import Record, Results
from skillwright.core import SkillwrightError

__all__ = ["Order", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to measure."""

    size: Size
    match: str = ""
    """Only cases whose label contains this."""
    again: bool = False
    """Whether to measure also what has been measured on this machine."""


def run(questions: Iterable[Question], order: Order, results: Results) -> int:
    """Measures cases one after another; each fills the cores it is meant to use.

    Args:
        questions: the benchmarks.
        order: which of their cases.
        results: where measurements are kept.

    Returns:
        Number of cases that could not be measured; why is printed.
    """
    todo = [(question, planned) for question in questions for planned in _missing(question, order, results)]
    begin, num_failed = time.perf_counter(), 0
    print(f"{len(todo)} measurements to make; load of this machine: {os.getloadavg()[0]:.1f}", flush=True)
    for number, (question, planned) in enumerate(todo, start=1):
        print(f"[{number}/{len(todo)}] {question.name}: {planned.case.label} ...", end="", flush=True)
        try:
            record, wall_s = _measure(question, planned)
        except SkillwrightError as error:
            num_failed += 1
            print(f" not measured: {error}", flush=True)
            continue
        results.append(record)
        print(f" {wall_s:.0f} s ({(time.perf_counter() - begin) / 60:.1f} min in all)", flush=True)
    return num_failed


def _missing(question: Question, order: Order, results: Results) -> Sequence[Planned]:
    machine = describe_machine()
    done = [] if order.again else [one.case for one in results.read(question.name) if one.machine == machine]
    return [
        planned
        for planned in question.plan(order.size)
        if order.match in planned.case.label and _as_json(planned.case) not in done
    ]


def _measure(question: Question, planned: Planned) -> tuple[Record, float]:
    load, begin = os.getloadavg()[0], time.perf_counter()
    result = planned.measure()
    wall_s = time.perf_counter() - begin
    record = Record(
        benchmark=question.name,
        case=_as_json(planned.case),
        result=result.model_dump(mode="json"),
        machine=describe_machine(),
        versions=list_versions(),
        revision=describe_revision(),
        load=load,
    )
    return record, wall_s


def _as_json(case: Case) -> dict[str, JsonValue]:
    dumped: dict[str, JsonValue] = case.model_dump(mode="json")
    return dumped
