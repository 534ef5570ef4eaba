"""Writes the page of docs/ that would lie if a person kept it: docs/cli.md, from the commands themselves."""

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer.main
from typer.core import TyperGroup

from skillwright.cli.app import app

__all__ = ["command_page", "main"]

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
HEAD: Final = """\
<!-- Written by `make docs` from the commands themselves; edit their docstrings, not this page. -->

# The command line
"""


def command_page() -> str:
    """Describes every command of the program.

    Returns:
        The page, in Markdown.
    """
    root = typer.Context(typer.main.get_command(app), info_name="skillwright")
    return "\n".join([HEAD, *_sections(root)]).rstrip() + "\n"


def _sections(context: typer.Context) -> Iterator[str]:
    yield f"## `{context.command_path}`\n"
    yield inspect.cleandoc(context.command.help or "") + "\n"
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    yield f"```console\n$ {usage}\n```\n"
    yield from _parameter_table(context)
    yield from _examples(context.command.epilog or "")
    if isinstance(context.command, TyperGroup):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                yield from _sections(typer.Context(command, info_name=name, parent=context))


def _parameter_table(context: typer.Context) -> Iterator[str]:
    records = [parameter.get_help_record(context) for parameter in context.command.get_params(context)]
    named = [record for record in records if record is not None and "--help" not in record[0]]
    if named:
        rows = [f"| `{_cell(name)}` | {_cell(meaning)} |" for name, meaning in named]
        yield "\n".join(["| Argument or option | Meaning |", "| --- | --- |", *rows]) + "\n"


def _examples(epilog: str) -> Iterator[str]:
    lines = [line.strip() for line in epilog.splitlines() if line.strip().startswith("skillwright ")]
    if lines:
        yield "\n".join(["Examples:\n", "```console", *(f"$ {line}" for line in lines), "```"]) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(argv: list[str] | None = None) -> int:
    """Writes the page, or checks that it is current.

    Args:
        argv: arguments; none: the command line's.

    Returns:
        Exit status: 1 if the page is not current and was only to be checked.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not current")
    check: bool = parser.parse_args(argv).check
    page = command_page()
    if not check:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page:
        print(f"docs/{PAGE.name} is not what the commands say; run: make docs")
        return 1
    print(f"docs/{PAGE.name} is current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
