"""Reward programs: how they are written, screened, trained with and judged; the evolution itself is ``evolution``."""

from skillwright.rewards.progress import Observer, Progress, Silent
from skillwright.rewards.records import (
    Candidate,
    EvolutionResult,
    Generation,
    Judgement,
    Program,
    Proposal,
    Trained,
)

__all__ = [
    "Candidate",
    "EvolutionResult",
    "Generation",
    "Judgement",
    "Observer",
    "Program",
    "Progress",
    "Proposal",
    "Silent",
    "Trained",
]
