"""The Python face: the five verbs of ``import skillwright as sw``, and what they take and give."""

from skillwright.api.options import EvolveOptions, ResumeOptions, RunOptions
from skillwright.api.outcome import RunOutcome
from skillwright.api.shelf import Skills, StoredSkill
from skillwright.api.verbs import evolve, library, plan, resume, run

__all__ = [
    "EvolveOptions",
    "ResumeOptions",
    "RunOptions",
    "RunOutcome",
    "Skills",
    "StoredSkill",
    "evolve",
    "library",
    "plan",
    "resume",
    "run",
]
