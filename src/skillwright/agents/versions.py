"""Which versions of which software a result was made with."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from skillwright import __version__

__all__ = ["versions_in_use"]

_NAMED: Final = ("numpy", "torch", "gymnasium", "envpool")


def versions_in_use() -> dict[str, str]:
    """Gives the version of Skillwright, of Python, and of the packages a result depends on."""
    found = {"skillwright": __version__, "python": platform.python_version()}
    for name in _NAMED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
