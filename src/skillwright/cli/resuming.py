"""What a person types next: commands to copy, and what becomes of a run that is cut off."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["Interrupted", "next_command", "resumable"]

_PROGRAM: Final = "skillwright"


class Interrupted(Exception):
    """Says how to go on with a run that Ctrl-C ended."""


def next_command(*words: str, home: Path | None) -> str:
    """Writes a command so that it can be copied and run.

    Args:
        words: the command and its arguments.
        home: the home folder as the person gave it; named again where only ``--home`` names it.
    """
    given = home is not None and os.environ.get("SKILLWRIGHT_HOME") != str(home)
    options = ("--home", str(home)) if given else ()
    return shlex.join([_program(), *words, *options])


@contextmanager
def resumable(run_id: str, *, home: Path | None) -> Iterator[None]:
    """Adds to whatever ends the block early how the run can be resumed.

    Args:
        run_id: id of the run.
        home: the home folder as the person gave it.

    Raises:
        Interrupted: Ctrl-C ended the block.
    """
    resume = f"Resume with: {next_command('resume', run_id, home=home)}"
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted. {resume}") from None
    except Exception as error:
        error.add_note(resume)
        raise


def _program() -> str:
    """Returns how the person can start the program: by its name, or by its path if that is not found."""
    started = Path(sys.argv[0])
    found = shutil.which(_PROGRAM)
    if started.name != _PROGRAM or (found and os.path.realpath(found) == os.path.realpath(started)):
        return _PROGRAM
    return str(started)
