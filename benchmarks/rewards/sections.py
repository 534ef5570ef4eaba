"""The tables of the page."""

from collections.abc import Sequence

import numpy as np

from benchmarks.records import Record
from benchmarks.rewards.conditions import REFERENCE, SPARSE
from benchmarks.rewards.measured import Measured
from benchmarks.rewards.scores import estimate, normalise, spans_a_scale
from benchmarks.rewards.tallies import against_reference, cost, execution
from benchmarks.tables import prose, seconds, significant, table

__all__ = [
    "costs",
    "executions",
    "normalised_table",
    "origin",
    "raw_table",
    "shortfalls",
    "success_table",
]

_MISSING = "–"


def raw_table(measured: Measured) -> str:
    """Writes the fitness of all conditions in all tasks.

    Args:
        measured: of one scale.
    """
    conditions = measured.conditions
    rows = [[task, *(_raw_cell(measured, task, condition) for condition in conditions)] for task in measured.tasks]
    return table(["task", *conditions], rows)


def normalised_table(measured: Measured) -> str:
    """Writes the human-normalised scores, and how each condition compares with the reference.

    Args:
        measured: of one scale.
    """
    scores = measured.scores()
    used = [task for task in measured.tasks if spans_a_scale(scores[task])]
    headings = ["condition", *(task.partition("/")[2] for task in used), "mean", "median", "as good", "better", "worse"]
    rows = [_normalised_row(measured, condition, used) for condition in measured.conditions]
    left_out = [task for task in measured.tasks if task not in used]
    note = f"Left out: {', '.join(left_out)}." if left_out else "No task is left out."
    return f"{table(headings, rows)}\n{prose(note)}"


def success_table(measured: Measured) -> str:
    """Writes the success rates.

    Args:
        measured: of one scale.
    """
    rows = []
    for task in measured.tasks:
        cells = [_success_cell(measured, task, condition) for condition in measured.conditions]
        needed = next(one.case.required_success_rate for one in measured.finals if one.case.task == task)
        rows.append([task, *cells, f"{needed:.0%}"])
    return table(["task", *measured.conditions, "needed"], rows)


def executions(measured: Measured) -> str:
    """Writes what became of the programs that the searches asked for.

    Args:
        measured: of one scale.
    """
    rows = []
    for condition in measured.conditions:
        if found := [one for one in measured.searches if one.case.condition == condition]:
            counts = execution(found)
            shares = [f"{share:.0%}" for share in (counts.first_try, counts.repaired, counts.ran)]
            rows.append([condition, str(counts.num_wanted), *shares, str(sum(one.result.num_hangs for one in found))])
    headings = ["condition", "programs wanted", "taken at first try", "taken after repair", "trained", "hangs"]
    return table(headings, rows)


def costs(measured: Measured) -> str:
    """Writes what a search took.

    Args:
        measured: of one scale.
    """
    rows = []
    for condition in measured.conditions:
        if found := [one for one in measured.searches if one.case.condition == condition]:
            spent = cost(found)
            cpu = _MISSING if spent.cpu_s is None else seconds(spent.cpu_s)
            money = [f"{spent.tokens:,.0f}", f"{spent.usd:.2f} USD"]
            rows.append(
                [condition, str(spent.num_searches), f"{spent.timesteps:,.0f}", seconds(spent.wall_s), cpu, *money]
            )
    headings = ["condition", "searches", "env steps", "wall time", "CPU time", "tokens", "money"]
    policies = [final.result for final in measured.finals if final.result.fitness]
    wall_s, cpu_s = (np.mean([getattr(one, name) for one in policies]) for name in ("wall_s", "cpu_s"))
    note = (
        f"Beside the searches {len(policies)} policies were trained in the end, each in {seconds(float(wall_s))} of "
        f"wall time and {seconds(float(cpu_s))} of CPU time, {measured.finals[0].case.num_held_out} held-out episodes "
        "included."
    )
    return f"{table(headings, rows)}\n{prose(note)}"


def shortfalls(measured: Measured) -> str:
    """Says in which tasks an evolution is worse than the reference or a simpler search, and what failed.

    Args:
        measured: of one scale.
    """
    lines = []
    for condition in measured.conditions:
        comparison = against_reference(measured, condition) if condition not in (REFERENCE, SPARSE) else None
        if comparison and comparison.worse:
            lines.append(f"- `{condition}` falls short of the reference in {', '.join(comparison.worse)}.")
    failed = [final for final in measured.finals if final.result.failure]
    lines += [f"- {final.case.label}: no policy: {final.result.failure}" for final in failed]
    return "\n".join(lines or ["- No condition that searches falls clearly short of the reference in any task."]) + "\n"


def origin(measured: Measured) -> str:
    """Says when and with what it was measured.

    Args:
        measured: of one scale.
    """
    records = measured.records
    days = sorted({record.time.date().isoformat() for record in records})
    dates = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    revisions = ", ".join(dict.fromkeys(record.revision for record in records if record.revision)) or "not known"
    load = max(record.load for record in records)
    return (
        f"*Measured {dates}; commit {revisions}; highest load before a measurement {load:.1f}; {_versions(records)}.*\n"
    )


def _versions(records: Sequence[Record]) -> str:
    pairs = dict.fromkeys(f"{package} {version}" for record in records for package, version in record.versions.items())
    return ", ".join(pairs)


def _raw_cell(measured: Measured, task: str, condition: str) -> str:
    policies = measured.policies(task, condition)
    sample = [one.result.fitness for one in policies if one.result.fitness]
    if not sample:
        return _MISSING
    failed = f" ({len(sample)} of {len(policies)} seeds)" if len(sample) < len(policies) else ""
    value = estimate(sample)
    return f"{significant(value.mean)} [{significant(value.low)}, {significant(value.high)}]{failed}"


def _success_cell(measured: Measured, task: str, condition: str) -> str:
    rates = [one.result.success_rate for one in measured.policies(task, condition)]
    known = [rate for rate in rates if rate is not None]
    return f"{np.mean(known):.0%}" if known else _MISSING


def _normalised_row(measured: Measured, condition: str, used: Sequence[str]) -> list[str]:
    normalised = normalise(condition, measured.scores())
    by_task = normalised.by_task if normalised else {}
    cells = [f"{by_task[task]:.2f}" if task in by_task else _MISSING for task in used]
    mean = "{:.2f} [{:.2f}, {:.2f}]".format(*normalised.mean) if normalised else _MISSING
    median = f"{normalised.median:.2f}" if normalised else _MISSING
    comparison = against_reference(measured, condition) if condition != REFERENCE else None
    if comparison is None:
        return [condition, *cells, mean, median, *([_MISSING] * 3)]
    counts = [f"{comparison.num_as_good} of {comparison.num_tasks}", len(comparison.better), len(comparison.worse)]
    return [condition, *cells, mean, median, *map(str, counts)]
