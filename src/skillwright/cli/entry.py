"""The border of the program: whatever leaves a command ends here as a short text and an exit status."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Final, TextIO

from typer import TyperException

from skillwright import __version__
from skillwright.cli.app import app
from skillwright.cli.resuming import Interrupted
from skillwright.cli.tracing import Traced
from skillwright.core.errors import SkillwrightError, UserError
from skillwright.core.tracing import annotate

__all__ = ["run_command_line"]

_FAILED: Final = 1
_USER_ERROR: Final = 2
_INTERRUPTED: Final = 130


def run_command_line(arguments: Sequence[str]) -> int:
    """Runs one command.

    Args:
        arguments: what was typed after the program's name; nothing gives the help.

    Returns:
        Exit status, as ``skillwright.cli.main`` documents it.
    """
    for stream in (sys.stdout, sys.stderr):
        _never_fail_on_a_character(stream)
    try:
        status = _run(arguments or ["--help"])
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _drop_output()
        return _FAILED


def _run(arguments: Sequence[str]) -> int:
    try:
        with Traced(arguments) as traced:
            status = app(arguments, prog_name="skillwright", standalone_mode=False, obj=traced)
            annotate(exit_status=status if isinstance(status, int) else 0)
    except Interrupted as interrupt:
        return _interrupted(str(interrupt))
    except TyperException as error:
        return _usage_error(error)
    except UserError as error:
        return _report("error", error, _USER_ERROR)
    except SkillwrightError as error:
        return _report("failed", error, _FAILED)
    except BrokenPipeError:
        raise
    except Exception as error:
        return _bug(error)
    if status == _INTERRUPTED:
        return _interrupted("Interrupted.")
    return status if isinstance(status, int) else 0


def _usage_error(error: TyperException) -> int:
    """Says what is wrong with the command as typed."""
    _complain("error", error.format_message())
    context = getattr(error, "ctx", None)
    if context is not None:
        _say(f"See: {context.command_path} --help")
    return _USER_ERROR


def _report(label: str, error: SkillwrightError, status: int) -> int:
    _complain(label, str(error))
    for note in getattr(error, "__notes__", ()):
        _say(note)
    return status


def _bug(error: Exception) -> int:
    traceback.print_exception(error)
    _complain("bug", f"{type(error).__name__}: {error}")
    _say(f"This is a mistake in Skillwright {__version__}, not yours. Please report it with the text above.")
    return _FAILED


def _interrupted(text: str) -> int:
    """Says how to go on; from here on, one more Ctrl-C ends the process at once and silently."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _say(text)
    return _INTERRUPTED


def _complain(label: str, text: str) -> None:
    from rich.text import Text

    from skillwright.cli.display.terminal import terminal

    line = Text.assemble((f"{label}:", "bold red"), " ", text)
    terminal(stderr=True).print(line, soft_wrap=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _never_fail_on_a_character(stream: TextIO) -> None:
    """Writes what the terminal's encoding lacks as an escape."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Points standard output at nothing, so that the interpreter's last flush does not complain."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
