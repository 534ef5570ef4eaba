from typing import Final

from skillwright.api import evolve, library, plan, resume, run

__all__ = ["__version__", "evolve", "library", "plan", "resume", "run"]

__version__: Final[str]
