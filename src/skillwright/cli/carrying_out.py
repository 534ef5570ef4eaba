"""Carries a run out before a person's eyes, and shows what it came to."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from skillwright.cli.resuming import resumable
from skillwright.core.home import Home

if TYPE_CHECKING:
    from skillwright.agents import RunRequest
    from skillwright.llm import Limits

__all__ = ["begin_and_carry_out", "carry_out"]


def begin_and_carry_out(request: "RunRequest", *, home: Path | None, as_json: bool) -> None:
    """Begins a run and carries it out.

    Args:
        request: what the person asked for.
        home: the home folder as the person gave it.
        as_json: whether a program reads standard output.

    Raises:
        ConfigError: the request cannot be met, or promises a person questions where nobody is.
        Exit: else always, as ``carry_out`` does.
    """
    from skillwright.agents.beginning import begin_run
    from skillwright.cli.answering import require_person
    from skillwright.cli.display.terminal import terminal

    if request.has_feedback:
        require_person(terminal(stderr=as_json))
    carry_out(begin_run(Home.open(home), request), home=home, as_json=as_json)


def carry_out(run_id: str, *, home: Path | None, as_json: bool, limits: "Limits | None" = None) -> None:
    """Carries a run out, from wherever an earlier sitting stopped.

    Args:
        run_id: id of the run.
        home: the home folder as the person gave it.
        as_json: whether a program reads standard output.
        limits: what models may cost from now on; what it leaves open is as the run was begun.

    Raises:
        Exit: always: 0 if the skill passed its test, 1 if it did not.
    """
    from skillwright.agents.running import carry_out_run
    from skillwright.cli.answering import person_at
    from skillwright.cli.display.outcome import show_result
    from skillwright.cli.display.progress import watching
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.llm.ledger import NO_LIMITS
    from skillwright.report.finishing import report_run

    opened, console = Home.open(home), terminal(stderr=as_json)
    with resumable(run_id, home=home), watching(console) as observer:
        observer.said(f"Run {run_id}. Ctrl-C keeps what is done.")
        person = person_at(console, observer)
        result = report_run(opened, carry_out_run(opened, run_id, observer, person, limits=limits or NO_LIMITS))
    if as_json:
        print_json(result)
    else:
        show_result(terminal(), result, home=home)
    raise typer.Exit(0 if result.skill.status == "verified" else 1)
