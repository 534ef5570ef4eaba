"""The one tree of errors, sorted by who must act.

::

    SkillwrightError
    ├── UserError                 the person: the command line prints it and exits with 2
    │   ├── ConfigError           a value, a file or an option is wrong
    │   │   └── CardError         an env card is wrong: file and line
    │   ├── NotFound              nothing has this name ("did you mean ...?")
    │   ├── MissingExtra          an optional dependency is not installed (the install line)
    │   ├── BudgetExceeded        the budget does not allow this
    │   ├── ModelUnavailable      no model can be reached, or none answers as it must
    │   ├── SandboxTooWeak        this machine lacks a layer that holds programs nobody has reviewed
    │   └── StorageError          the home folder cannot be used: unwritable, full, damaged
    │       ├── CorruptArtifact   a stored file is not what its hash says
    │       └── NewerSchema       the database was written by a newer Skillwright
    ├── ModelRetry                the model: its text goes back to the author of the program
    │   └── ProgramRejected       a program is outside the allowed language
    └── WorldError                the world: recorded, the run goes on without the part that failed
        ├── EnvError              an environment misbehaved
        ├── ProgramFailed         a program raised, or returned what its contract forbids
        └── WorkerDied            a worker process ended before its result

A broken invariant is the programmer's and is an ``assert``.
"""

import difflib
import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "BudgetExceeded",
    "CardError",
    "ConfigError",
    "CorruptArtifact",
    "EnvError",
    "MissingExtra",
    "ModelRetry",
    "ModelUnavailable",
    "NewerSchema",
    "NotFound",
    "ProgramFailed",
    "ProgramRejected",
    "SandboxTooWeak",
    "SkillwrightError",
    "StorageError",
    "UserError",
    "WorkerDied",
    "WorldError",
    "storage_errors",
]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class SkillwrightError(Exception):
    """Is the root of everything Skillwright raises on purpose."""


class UserError(SkillwrightError):
    """Tells the person what to do; the command line exits with 2."""


class ConfigError(UserError):
    """Says which value is wrong and what would be right."""


class CardError(ConfigError):
    """Says where in an env card the mistake is."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        self.path = path
        self.line = line
        self.problem = problem
        where = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{where}: {problem}")


class NotFound(UserError):
    """Says that nothing has a name, and which names are close to it."""

    def __init__(self, what: str, name: str, known: Iterable[str] = (), hint: str = "") -> None:
        self.what = what
        self.name = name
        close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
        text = f"no {what} is called {name!r}"
        if close:
            text += "; did you mean " + " or ".join(repr(c) for c in close) + "?"
        super().__init__(f"{text} ({hint})" if hint else text)


class MissingExtra(UserError):
    """Says which optional dependency is missing and how to install it."""

    def __init__(self, module: str, extra: str) -> None:
        self.module = module
        self.extra = extra
        super().__init__(f"{module} is not installed; run: pip install 'skillwright[{extra}]'")


class BudgetExceeded(UserError):
    """Says which budget does not allow what, and what would be enough."""


class ModelUnavailable(UserError):
    """Says which model cannot be used, why, and what to do."""


class SandboxTooWeak(UserError):
    """Says which layers of the sandbox this machine lacks, and how to run all the same."""


class StorageError(UserError):
    """Says why the home folder cannot be used."""


class CorruptArtifact(StorageError):
    """Says that a stored file is missing or differs from its hash."""


class NewerSchema(StorageError):
    """Says that the database was written by a newer Skillwright."""


class ModelRetry(SkillwrightError):
    """Carries a text that goes back to the author of a program or reply."""


class ProgramRejected(ModelRetry):
    """Says which line of a program is outside the allowed language."""


class WorldError(SkillwrightError):
    """Is recorded with the part that failed; the rest of the run goes on."""


class EnvError(WorldError):
    """Says what an environment did that its contract forbids."""


class ProgramFailed(WorldError):
    """Says what a program raised, or how its result breaks its contract."""


class WorkerDied(WorldError):
    """Says which worker process ended before its result, and how."""


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turns the operating system's refusals inside the block into ``StorageError``.

    Args:
        place: the file or folder being written, named in the message.

    Raises:
        StorageError: the disk is full, or the place cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(f"the disk is full while writing {place}; free some space, then resume") from error
        reason = error.strerror or str(error)
        raise StorageError(
            f"cannot write {place}: {reason}; choose another place, for the home folder with --home or SKILLWRIGHT_HOME"
        ) from error
