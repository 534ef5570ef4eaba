"""``skillwright envs``: the worlds and their cards."""

from typing import Annotated

import typer

from skillwright.cli.options import JsonOption

__all__ = ["commands"]

commands = typer.Typer(
    name="envs",
    help="List the worlds, and read the card of one.",
    no_args_is_help=True,
    epilog="Example: skillwright envs show LunarLander-v3",
)


@commands.command("list")
def list_envs(as_json: JsonOption = False) -> None:
    """List the worlds that have a card; any other world of Gymnasium's can be used by its id.

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
    """Show a world's card: what is seen, what can be done, what can be asked for, and what judges it.

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
