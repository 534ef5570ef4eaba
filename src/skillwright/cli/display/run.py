"""How runs look: all of them as a table, one with its candidates."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from skillwright.agents.history import RunHistory, RunOverview
from skillwright.cli.display.numbers import MISSING, bounds, duration, minute, number, percent, percent_bounds
from skillwright.cli.display.status import status_text
from skillwright.cli.display.terminal import facts, heading, print_lines, show_listing, table
from skillwright.rewards.records import REFERENCE, Candidate, Generation, Judgement, Trained

__all__ = ["show_run", "show_runs"]


def show_runs(console: Console, runs: Sequence[RunOverview]) -> None:
    """Prints runs as a table.

    Args:
        console: where.
        runs: in the order to print.
    """
    if not runs:
        print_lines(console, 'No runs yet. Start one: skillwright run "TASK" --env ID')
        return
    listing = table("Run", "Status", "Task", "World", "Seed", "Started", "Worked", numeric=("Seed", "Worked"))
    for run in runs:
        text, world = (run.request.text, run.request.env) if run.request else (MISSING, MISSING)
        moments = (minute(run.created_at), duration(run.work_seconds))
        listing.add_row(run.id, status_text(run.status), text, world, str(run.seed), *moments)
    show_listing(console, listing)


def show_run(console: Console, history: RunHistory, folder: Path) -> None:
    """Prints one run, as far as it has come.

    Args:
        console: where.
        history: what it has journalled.
        folder: where its files are, whether or not it exists.
    """
    console.print(Text.assemble((history.overview.id, "bold"), "  ", status_text(history.overview.status)))
    _show_overview(console, history.overview)
    _show_plan(console, history)
    for generation in history.generations:
        _show_generation(console, generation)
    if history.finals:
        _show_finals(console, history.finals)
    if history.held_out:
        _show_held_out(console, history.held_out)
    if history.skill is not None:
        heading(console, "Skill")
        name = f"{history.skill.name}@{history.skill.version}"
        console.print(Text.assemble(name, "  ", status_text(history.skill.status)))
    _show_files(console, folder)


def _show_overview(console: Console, run: RunOverview) -> None:
    rows: dict[str, str | Text] = {}
    if run.request is not None:
        rows |= {"Task": run.request.text, "World": run.request.env}
    rows |= {
        "Seed": str(run.seed),
        "Started": f"{minute(run.created_at)} by Skillwright {run.version}",
        "Worked": duration(run.work_seconds),
    }
    if run.error:
        rows["Error"] = Text(run.error, style="red")
    facts(console, rows)


def _show_plan(console: Console, history: RunHistory) -> None:
    if history.plan is None:
        return
    heading(console, f"Plan, by {history.plan.planner}")
    console.print(Text(history.plan.rationale))
    for position, sub_task in enumerate(history.plan.sub_tasks, start=1):
        how = f"reuses {sub_task.reuse}" if sub_task.reuse else "makes a skill"
        console.print(Text(f"{position}. {sub_task.text} ({sub_task.env_id}, task {sub_task.task}; {how})"))


def _show_generation(console: Console, generation: Generation) -> None:
    trained = {one.candidate_id: one for one in generation.trained}
    refused = {one.candidate_id: one.reason for one in generation.screenings if not one.accepted}
    waiting = len(generation.candidates) - len(refused) - len(trained)
    unfinished = f", {waiting} not trained yet" if waiting > 0 else ""
    counts = f"{len(trained)} trained, {len(refused)} refused{unfinished}"
    heading(console, f"Generation {generation.index + 1}: {counts}")
    listing = table("Candidate", "Made by", "Parents", "Fitness", "Success", "Note", numeric=("Fitness", "Success"))
    for candidate in sorted(generation.candidates, key=lambda one: _order(one, trained, refused)):
        one = trained.get(candidate.id)
        note = refused.get(candidate.id) or (one.failure or one.dropped if one else "")
        parents = ", ".join(candidate.parents)
        listing.add_row(candidate.id, candidate.operator, parents, *_scores(one), note)
    console.print(listing)


def _order(candidate: Candidate, trained: dict[str, Trained], refused: dict[str, str]) -> tuple[bool, float]:
    """Sorts the best first, then what has no fitness, then what was refused."""
    one = trained.get(candidate.id)
    judgement = one.judgement if one else None
    return candidate.id in refused, -judgement.fitness if judgement else float("inf")


def _scores(trained: Trained | None) -> tuple[str, str]:
    if trained is None or trained.judgement is None:
        return MISSING, MISSING
    return number(trained.judgement.fitness), percent(trained.judgement.success_rate)


def _show_finals(console: Console, finals: Sequence[Trained]) -> None:
    heading(console, "Finals, on fresh seeds")
    listing = table("Candidate", "Seed", "Fitness", "Success", "Note", numeric=("Seed", "Fitness", "Success"))
    for trained in sorted(finals, key=lambda one: one.candidate_id):
        listing.add_row(trained.candidate_id, str(trained.seed), *_scores(trained), trained.failure)
    console.print(listing)


def _show_held_out(console: Console, judgements: Sequence[Judgement]) -> None:
    heading(console, "Held-out episodes")
    listing = table("Policy", "Episodes", "Success", "95 % interval", "Fitness", "95 % interval", numeric=("Episodes",))
    for whose, judgement in zip(("skill", REFERENCE), judgements, strict=False):
        listing.add_row(
            whose,
            str(judgement.num_episodes),
            percent(judgement.success_rate),
            percent_bounds(judgement.success_interval),
            number(judgement.fitness),
            bounds(judgement.fitness_interval),
        )
    console.print(listing)


def _show_files(console: Console, folder: Path) -> None:
    files = sorted(file for file in folder.glob("[!.]*") if file.is_file())
    if files:
        heading(console, "Files")
        print_lines(console, *map(str, files))
