"""``skillwright runs``: what was done, and how it stands."""

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from skillwright.cli.helping import examples, help_unless_told
from skillwright.cli.options import HomeOption, JsonOption, RunIdArgument
from skillwright.core.home import Home

__all__ = ["commands"]

commands = typer.Typer(
    name="runs",
    help="List and inspect runs, finished or not.",
    callback=help_unless_told,
    invoke_without_command=True,
    epilog=examples("runs list", "runs show 20260131-142501-k3xq", "runs curves 20260131-142501-k3xq --to curves.csv"),
)

_To = Annotated[
    Path,
    typer.Option("--to", metavar="PATH", show_default=False, help="Where the curves go: a file, or a folder."),
]
_Format = Annotated[
    Literal["csv", "parquet", "tensorboard"] | None,
    typer.Option("--format", help="Without it, the path tells: .csv, .parquet, or a folder for TensorBoard."),
]
_Force = Annotated[bool, typer.Option("--force", help="Replace an older export.")]


@commands.command("list")
def list_runs(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the runs, newest first.

    With --json: a list of objects: `id`, `kind`, `status`, `seed`, `version`, `created_at`, `updated_at`,
    `work_seconds`, `error`, and `request` (what was asked for).
    """
    from skillwright.agents.history import overview
    from skillwright.cli.display.run import show_runs
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.stores import open_journal

    runs = [overview(run) for run in open_journal(home).runs()]
    if as_json:
        print_json(runs)
    else:
        show_runs(terminal(), runs)


@commands.command("show")
def show_run(run_id: RunIdArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show a run: its plan, candidates and result.

    With --json: an object with `overview` (as in the list), `plan`, `generations`, `finals`, `held_out` and
    `skill`; what the run has not reached yet is null or empty.
    """
    from skillwright.agents.history import read_history
    from skillwright.cli.display import run as display
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.stores import open_journal

    history = read_history(open_journal(home), run_id)
    if as_json:
        print_json(history)
    else:
        display.show_run(terminal(), history, Home.open(home).runs / history.overview.id)


@commands.command("curves")
def export_run_curves(
    run_id: RunIdArgument, to: _To, format: _Format = None, force: _Force = False, home: HomeOption = None
) -> None:
    """Export the learning curve of every candidate of a run.

    CSV and Parquet get a row per point: `run_id`, `stage` (`g0`, `g1`, ..., `finals`), `candidate_id`, `seed`,
    `timesteps`, `fitness`, `success_rate`, `reward`, `episode_length`, and `term_NAME` for each term of any reward;
    what a point does not have is empty. TensorBoard gets a run per candidate and seed, below the id of the run.
    """
    from skillwright.agents.history import read_history
    from skillwright.cli.stores import open_journal
    from skillwright.report.curve_export import choose_format, export_curves
    from skillwright.report.curves import curve_table

    chosen = format or choose_format(to)
    history = read_history(open_journal(home), run_id)
    table = curve_table(history.overview.id, history.generations, history.finals)
    export_curves(table, to, format=chosen, overwrite=force)
    typer.echo(f"Wrote {len(table.curves)} learning curves ({table.num_rows:,} points) to {to} as {chosen}.")
    if chosen == "tensorboard":
        typer.echo(f"See them with: tensorboard --logdir {shlex.quote(str(to))}")
