"""Skillwright: a sentence in, a verified skill out.

``import skillwright as sw`` gives the verbs of ``skillwright.api``, which are imported when they are first used; their
types stand in ``__init__.pyi``. The library of skills is ``sw.library()``, since ``sw.skills`` is the package's name.
"""

from importlib import import_module
from typing import Final

__all__ = ["__version__", "evolve", "library", "plan", "resume", "run"]

__version__: Final = "0.1.0"

_API: Final = "skillwright.api"


def __getattr__(name: str) -> object:
    """Imports a verb when it is first used.

    Args:
        name: of the verb.

    Raises:
        AttributeError: there is no such verb.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_API), name)


def __dir__() -> list[str]:
    """Lists the verbs too, before they are imported."""
    return sorted({*globals(), *__all__})
