"""How a program's source looks."""

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax

__all__ = ["show_program"]


def show_program(console: Console, source: str) -> None:
    """Prints Python source, coloured with the terminal's own palette.

    Args:
        console: where.
        source: the source.
    """
    code = Syntax(source.rstrip(), "python", theme="ansi_dark", background_color="default", word_wrap=True)
    console.print(Padding(code, (1, 0, 0, 2)))
