"""``skillwright runs``: what was done, and how it stands."""

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
    epilog=examples("runs list", "runs show 20260131-142501-k3xq"),
)


@commands.command("list")
def list_runs(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the runs, newest first.

    With --json: a list of objects: `id`, `kind`, `status`, `seed`, `version`, `created_at`, `updated_at`,
    `work_seconds`, `error`, and `request` (what was asked for).
    """
    from skillwright.cli.display.run import show_runs
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.history import overview
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
    from skillwright.cli.display import run as display
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.cli.history import read_history
    from skillwright.cli.stores import open_journal

    history = read_history(open_journal(home), run_id)
    if as_json:
        print_json(history)
    else:
        display.show_run(terminal(), history, Home.open(home).runs / history.overview.id)
