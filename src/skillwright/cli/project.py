"""``skillwright init``: a project of one's own."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["init"]


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder of the project; made if missing.")] = Path(),
) -> None:
    """Make a folder a project of your own.

    Its env cards, rewards, prompts, skills and agents are used before the built-in ones of the same name.
    """
    from skillwright.core.content import lay_out_project

    made = lay_out_project(path)
    for place in made:
        typer.echo(f"made {place}")
    if not made:
        typer.echo(f"{path} is a project already; nothing was changed.")
