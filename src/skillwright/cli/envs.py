"""``skillwright envs``: the worlds and their cards."""

from pathlib import Path
from typing import Annotated

import typer

from skillwright.cli.helping import examples, help_unless_told
from skillwright.cli.options import JsonOption

__all__ = ["commands"]

commands = typer.Typer(
    name="envs",
    help="List the worlds, read the card of one, and draft a card for another.",
    callback=help_unless_told,
    invoke_without_command=True,
    epilog=examples("envs list", "envs show LunarLander-v3", "envs new MountainCar-v0"),
)


@commands.command("list")
def list_envs(as_json: JsonOption = False) -> None:
    """List the worlds that have a card.

    Any other world that Gymnasium knows can be used by its id too.

    With --json: a list of cards, each as `envs show --json` prints it.
    """
    from skillwright.cli.display.env import show_cards
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.envs.catalog import list_cards

    cards = list_cards()
    if as_json:
        print_json(cards)
    else:
        show_cards(terminal(), cards)


@commands.command("show")
def show_env(
    env_id: Annotated[
        str, typer.Argument(metavar="ID", show_default=False, help="A world, such as box2d/LunarLander-v3.")
    ],
    judges: Annotated[
        bool,
        typer.Option(
            "--judges", help="Show also what whoever writes rewards never sees: the programs that judge, and the rest."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what whoever writes rewards is given of a world: description, fields, actions, and the tasks in words.

    With --json: the whole card, an object; a bound that does not exist is null.
    """
    from skillwright.cli.display.env import show_card, show_judges
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.envs.catalog import find_card

    card = find_card(env_id)
    if as_json:
        print_json(card)
        return
    show_card(terminal(), card)
    if judges:
        show_judges(terminal(), card)


@commands.command("new")
def new_env(
    gymnasium_id: Annotated[
        str, typer.Argument(metavar="GYMNASIUM_ID", show_default=False, help="A world, such as MountainCar-v0.")
    ],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="PATH", help="File to write; without it, envs/FAMILY/NAME.yaml of your project."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a card that is there already.")] = False,
) -> None:
    """Draft a card for a world of Gymnasium's, for you to go on with.

    Names and meanings come from the world's docstring and its MuJoCo model, ranges from random play.
    """
    from skillwright.cli.display.terminal import print_lines, terminal
    from skillwright.envs.drafting import draft_card
    from skillwright.envs.drafting_file import TO_DO, place_of_draft, write_draft

    card = draft_card(gymnasium_id)
    path = to or place_of_draft(card, replace=force)
    write_draft(card, path, replace=force)
    console = terminal()
    print_lines(console, f"wrote {path}", "", "It can be used as it is. To make it good:")
    for line in TO_DO:
        console.print(f"- {line}")
