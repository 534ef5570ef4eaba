"""Help, where a command was left out, and examples, which are shown as they would be typed."""

import typer

__all__ = ["examples", "help_unless_told"]


def help_unless_told(context: typer.Context) -> None:
    """Shows the help of a group that was named without one of its commands.

    Args:
        context: of the group.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def examples(*commands: str) -> str:
    """Writes examples for the end of a help text; their lines are not rewrapped.

    Args:
        commands: each without the program's name.
    """
    lines = "\n".join(f"  skillwright {command}" for command in commands)
    return f"\b\nExamples:\n{lines}"
