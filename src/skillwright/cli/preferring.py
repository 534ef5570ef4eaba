"""``skillwright prefer``: choose between clips of a run's policies, and learn a reward from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from skillwright.cli.helping import examples
from skillwright.cli.options import LARGEST_SEED, HomeOption, JsonOption, RunIdArgument
from skillwright.core.home import Home

if TYPE_CHECKING:
    from rich.console import Console

    from skillwright.rewards.preferences.collecting import Session
    from skillwright.rewards.preferences.records import Choice, FittedPreferences

__all__ = ["EXAMPLES", "prefer"]

EXAMPLES: Final = examples(
    "prefer 20260131-142501-k3xq",
    "prefer 20260131-142501-k3xq --pairs 200",
)

_FEWEST_PAIRS: Final = 5
_Pairs = Annotated[
    int,
    typer.Option(min=_FEWEST_PAIRS, metavar="N", help="Choices in all, those of earlier sittings included."),
]
_Seed = Annotated[
    int,
    typer.Option(
        min=0, max=LARGEST_SEED, metavar="S", help="Seed of worlds and pairs; each seed is a session of its own."
    ),
]


def prefer(
    run_id: RunIdArgument, pairs: _Pairs = 50, seed: _Seed = 0, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Choose between clips of a run's policies, and learn a reward from your choices.

    Two clips are shown side by side. Left and right arrow choose A or B, down means that they are equally good, s that
    you cannot tell, r shows them again, q stops. Every choice is kept at once: the same command goes on where you
    stopped, and with a larger N it asks for more.

    With --json: an object with `run_id`, `num_choices` and `fitted`, which is null until there are N choices; then it
    holds `model`, the id to train with, `num_fitted` and `held_out` (`num_pairs`, `num_agreed`, `interval`).
    """
    from skillwright.agents.preferring import open_session
    from skillwright.cli.display.terminal import print_json, terminal

    console = terminal(stderr=True)
    with console.status("recording episodes to cut clips from"):
        session = open_session(Home.open(home), run_id, seed=seed)
    choices = _collect(session, pairs, console, home)
    fitted = _fit(session, choices, console) if len(choices) == pairs else None
    if as_json:
        print_json({"run_id": session.steps.run_id, "num_choices": len(choices), "fitted": fitted})
    elif fitted is None:
        _show_unfinished(terminal(), session, len(choices), home)
    else:
        _show_fitted(terminal(), session, fitted, home)


def _collect(session: "Session", num_pairs: int, console: "Console", home: Path | None) -> "list[Choice]":
    """Asks for the choices that are missing; Ctrl-C keeps what was chosen."""
    from skillwright.cli.choosing import TerminalChooser, require_terminal
    from skillwright.cli.resuming import Interrupted

    known = session.choices(num_pairs)
    if len(known) == num_pairs:
        return known
    require_terminal()
    folder = Home.open(home).run_folder(session.steps.run_id) / "preferences" / str(session.seed)
    chooser = TerminalChooser(session.card, session.shelf, folder, console, num_pairs=num_pairs)
    try:
        return session.collect(chooser, num_pairs)
    except KeyboardInterrupt:
        kept = len(session.choices(num_pairs))
        go_on = _command(session, num_pairs, home)
        raise Interrupted(f"Interrupted. {kept} of {num_pairs} choices are kept. Go on with: {go_on}") from None


def _fit(session: "Session", choices: "list[Choice]", console: "Console") -> "FittedPreferences":
    with console.status("learning a reward from the choices"):
        return session.fit(choices)


def _show_unfinished(console: "Console", session: "Session", num_choices: int, home: Path | None) -> None:
    from skillwright.cli.display.terminal import print_lines

    print_lines(console, f"{num_choices} choices are kept. Go on with the same command.")
    if num_choices >= _FEWEST_PAIRS:
        print_lines(console, f"Learn from these alone: {_command(session, num_choices, home)}")


def _show_fitted(console: "Console", session: "Session", fitted: "FittedPreferences", home: Path | None) -> None:
    from skillwright.agents.preferring import target_of
    from skillwright.cli.display.numbers import percent, percent_bounds, with_interval
    from skillwright.cli.display.terminal import facts, print_lines
    from skillwright.cli.resuming import next_command

    held_out = fitted.held_out
    agreed = "no held-out choice preferred a clip"
    if held_out.num_pairs:
        rate = with_interval(percent(held_out.rate), percent_bounds(held_out.interval))
        agreed = f"{rate} of {held_out.num_pairs} held-out choices"
    rows = {
        "Choices": f"{fitted.num_choices}, of which {fitted.num_fitted} were learned from",
        "Agrees with": agreed,
        "Preferences": fitted.model,
    }
    facts(console, {**rows})
    train = next_command("evolve", target_of(session), "--preferences", fitted.model, home=home)
    print_lines(console, "", f"Train with it: {train}")


def _command(session: "Session", num_pairs: int, home: Path | None) -> str:
    from skillwright.cli.resuming import next_command

    words = ("prefer", session.steps.run_id, "--pairs", str(num_pairs), "--seed", str(session.seed))
    return next_command(*words, home=home)
