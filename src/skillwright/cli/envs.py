"""``skillwright envs``: the worlds and their cards."""

from typing import Annotated

import typer

from skillwright.cli.helping import examples, help_unless_told
from skillwright.cli.options import JsonOption

__all__ = ["commands"]

commands = typer.Typer(
    name="envs",
    help="List the worlds, and read the card of one.",
    callback=help_unless_told,
    invoke_without_command=True,
    epilog=examples("envs list", "envs show LunarLander-v3"),
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
    as_json: JsonOption = False,
) -> None:
    """Show the card of a world: its fields, actions and tasks.

    With --json: the card, an object; a bound that does not exist is null.
    """
    from skillwright.cli.display.env import show_card
    from skillwright.cli.display.terminal import print_json, terminal
    from skillwright.envs.catalog import find_card

    card = find_card(env_id)
    if as_json:
        print_json(card)
    else:
        show_card(terminal(), card)
