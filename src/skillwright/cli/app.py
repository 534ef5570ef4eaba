"""The program ``skillwright``: its commands, put together."""

from typing import Annotated

import typer

from skillwright import __version__
from skillwright.cli import agent, doctor, envs, evolve, models, plan, preferring, project, run, runs, skills
from skillwright.cli.helping import examples
from skillwright.cli.options import LogJsonOption, OtelOption
from skillwright.cli.tracing import begin_tracing

__all__ = ["app"]

app = typer.Typer(
    name="skillwright",
    help="A sentence in, a verified skill out.",
    epilog=examples(
        'run "Land softly between the flags" --env box2d/LunarLander-v3',
        "skills play land-softly-between-the-flags",
        "envs show LunarLander-v3",
    ),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("plan", epilog=plan.EXAMPLES)(plan.plan)
app.command("run", epilog=run.EXAMPLES)(run.run)
app.command("evolve", epilog=evolve.EXAMPLES)(evolve.evolve)
app.command("agent", epilog=agent.EXAMPLES)(agent.agent)
app.command("prefer", epilog=preferring.EXAMPLES)(preferring.prefer)
app.command("resume")(run.resume)
app.add_typer(skills.commands, name="skills")
app.add_typer(runs.commands, name="runs")
app.add_typer(envs.commands, name="envs")
app.add_typer(models.commands, name="models")
app.command("init")(project.init)
app.command("doctor")(doctor.doctor)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"skillwright {__version__}")
        raise typer.Exit


@app.callback()
def _skillwright(
    context: typer.Context,
    log_json: LogJsonOption = None,
    otel: OtelOption = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """A sentence in, a verified skill out."""
    begin_tracing(context, log_json, otel=otel)
