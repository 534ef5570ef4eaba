"""The page docs/reward-benchmark.md and its pictures, from the files of results alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.records import Results
from benchmarks.rewards.bars import list_bars
from benchmarks.rewards.conditions import ABLATIONS, CONDITIONS, MODEL, REFERENCE, Condition
from benchmarks.rewards.dots import Panel, Row, draw
from benchmarks.rewards.measured import Measured, collect
from benchmarks.rewards.scale import SCALES
from benchmarks.rewards.scores import estimate, normalise
from benchmarks.rewards.sections import (
    costs,
    executions,
    normalised_table,
    origin,
    raw_table,
    shortfalls,
    success_table,
)
from benchmarks.rewards.words import (
    CONDITIONS_HEAD,
    COSTS,
    HEAD,
    METHOD,
    NORMALISED,
    NOTHING,
    RAW,
    SPARSE_NOTE,
    SUCCESS,
    TITLES,
)
from benchmarks.tables import prose, table

__all__ = ["PAGE", "write_page", "write_pages"]

PAGE: Final = "reward-benchmark.md"


def write_pages(results: Results, folder: Path) -> list[Path]:
    """Writes the page and its pictures.

    Args:
        results: the files of results.
        folder: where they go.

    Returns:
        What was written.

    Raises:
        CorruptArtifact: a file of results is damaged.
    """
    pages = {PAGE: write_page(results), **dict(_pictures(results))}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in pages]


def write_page(results: Results) -> str:
    """Writes the page.

    Args:
        results: the files of results.

    Returns:
        Markdown.

    Raises:
        CorruptArtifact: a file of results is damaged.
    """
    measured = [one for one in (collect(results, name) for name in SCALES) if one]
    sections = [_section(one) for one in measured] or [NOTHING]
    return "\n".join([HEAD, CONDITIONS_HEAD, _explained(), prose(METHOD), prose(SPARSE_NOTE), *sections])


def _explained() -> str:
    return table(["condition", "what it is"], [_explanation(one) for one in (*CONDITIONS, *ABLATIONS)]).replace(
        "| --: |", "| :-- |"
    )


def _explanation(condition: Condition) -> tuple[str, str]:
    return f"`{condition.name}`", condition.meaning


def _section(measured: Measured) -> str:
    bars = [[bar.wanted, bar.measured, bar.verdict] for bar in list_bars(measured)]
    parts = [
        f"## {TITLES[measured.scale]}\n",
        prose(_sizes(measured)),
        prose(_answered(measured)),
        table(["bar", "measured", "verdict"], bars),
        shortfalls(measured),
        f"### Fitness\n\n{prose(RAW)}",
        raw_table(measured),
        f"![Fitness by task and condition]({_picture_name(measured)})\n",
        f"### Human-normalised scores\n\n{prose(NORMALISED)}",
        normalised_table(measured),
        f"### Success\n\n{prose(SUCCESS)}",
        success_table(measured),
        "### Programs and costs\n",
        executions(measured),
        prose(COSTS),
        costs(measured),
        origin(measured),
    ]
    return "\n".join(part for part in parts if part)


def _sizes(measured: Measured) -> str:
    machine, finals, searches = measured.machine, measured.finals, measured.searches
    sizes = [(one.case.num_candidates, one.case.num_generations) for one in searches if one.case.num_generations > 1]
    num_seeds = len({final.case.seed for final in finals})
    of_one = {final.case.task: final.case.total_timesteps for final in finals}
    factors = sorted({one.case.total_timesteps / of_one[one.case.task] for one in searches if one.case.task in of_one})
    shape = f"K = {sizes[0][0]}, N = {sizes[0][1]}. " if sizes else ""
    spent = f"A search may spend {factors[0]:g} times the env steps of a policy in the end. " if factors else ""
    return (
        f"{len(measured.tasks)} tasks. {shape}{spent}{num_seeds} seeds in the end, {finals[0].case.num_held_out} "
        f"held-out episodes each. Machine: {machine.cpu}, {machine.num_cores} cores, {machine.memory_gib} GiB of "
        f"memory, {machine.system}; no GPU is used."
    )


def _answered(measured: Measured) -> str:
    asked = [found for found in measured.searches if found.case.replies]
    if not asked:
        return (
            f"No language model answered anything: `{MODEL}` was left out, as there are no replies for these tasks in "
            f"`benchmarks/rewards/replies/{measured.scale}`. All programs but the reference are the search's own."
        )
    answered_by = dict.fromkeys(name for found in asked for name in found.result.answered_by)
    tasks = {found.case.task for found in asked}
    return (
        f"The prompts of `{MODEL}` were answered by: {', '.join(answered_by) or 'a model without a name'}. Replies "
        f"exist for {len(tasks)} of {len(measured.tasks)} tasks; the others are left out of its figures."
    )


def _pictures(results: Results) -> Iterator[tuple[str, str]]:
    for name in SCALES:
        if measured := collect(results, name):
            yield _picture_name(measured), _picture(measured)


def _picture_name(measured: Measured) -> str:
    return f"reward-benchmark-{measured.scale}.svg"


def _picture(measured: Measured) -> str:
    panels = []
    for task, scores in measured.scores().items():
        rows = [Row(name, estimate(sample)) for name, sample in scores.items()]
        mark = next((row.value.mean for row in rows if row.name == REFERENCE), None)
        panels.append(Panel(task.partition("/")[2], rows, mark))
    together = [(name, normalise(name, measured.scores())) for name in measured.conditions]
    rows = [Row(name, one.mean) for name, one in together if one]
    if rows:
        panels.append(Panel("mean human-normalised score", rows, 1.0))
    return draw(panels, "Mean fitness with 95 % intervals, by task and condition; dashed: the reference")
