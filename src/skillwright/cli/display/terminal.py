"""Where the program writes: text for a person, or JSON for a program."""

import os
import sys
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["facts", "heading", "print_json", "print_lines", "show_listing", "table", "terminal"]

_NARROW: Final = 80
"""Columns below which even names are folded."""
_WIDTH_OF_A_FILE: Final = 200
"""Columns where the output goes to a file or a pipe, so that tables are cut as little as possible."""


def terminal(*, stderr: bool = False) -> Console:
    """Opens a console that prints text as it is: brackets, colons and numbers in it mean nothing.

    Args:
        stderr: write to standard error.
    """
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_FILE
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=width)


def print_json(value: object) -> None:
    """Prints a value as indented JSON; what is not a finite number becomes null.

    Args:
        value: records, dataclasses, paths, lists, mappings and plain values.
    """
    from pydantic_core import to_json

    print(to_json(value, indent=2, inf_nan_mode="null").decode())


def print_lines(console: Console, *lines: str) -> None:
    """Prints lines that are never broken, so that paths and commands in them can be copied.

    Args:
        console: where.
        lines: the lines.
    """
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def heading(console: Console, title: str) -> None:
    """Prints a title with an empty line before it.

    Args:
        console: where.
        title: the title.
    """
    console.print()
    console.print(Text(title, style="bold"), soft_wrap=True)


def table(*columns: str, numeric: tuple[str, ...] = ()) -> Table:
    """Makes an empty table; what does not fit is folded, never cut.

    Args:
        columns: the headers, in order.
        numeric: which of them are flush right.
    """
    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        made.add_column(column, justify="right" if column in numeric else "left", overflow="fold")
    return made


def show_listing(console: Console, listing: Table) -> None:
    """Prints a table whose first column holds names, in one piece where there is room.

    Args:
        console: where.
        listing: the table.
    """
    listing.columns[0].no_wrap = console.width >= _NARROW
    console.print(listing)


def facts(console: Console, rows: dict[str, str | Text]) -> None:
    """Prints named values below each other.

    Args:
        console: where.
        rows: name -> value.
    """
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows.items():
        grid.add_row(name, value)
    console.print(grid)
