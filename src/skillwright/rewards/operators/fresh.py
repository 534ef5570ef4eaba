"""A reward from nothing but the world and the task."""

import ast
from textwrap import shorten
from typing import Final, NamedTuple

import numpy as np

from skillwright.rewards.operators.operator import Brief
from skillwright.rewards.proposers.view import ProposerView
from skillwright.rewards.records import Candidate

__all__ = ["Fresh"]

_NUM_TOLD: Final = 6
"""Candidates that are named as what has been tried."""
_LONGEST: Final = 300
"""Characters of an idea that are told."""


class _Tried(NamedTuple):
    id: str
    fitness: float
    idea: str


class Fresh:
    """Asks for a new idea, with the best ones so far named as taken."""

    def odds(self, view: ProposerView) -> float:
        """Says how often it should be drawn; see ``Operator.odds``."""
        return 0.15 if view.parents else 1.0

    def apply(self, view: ProposerView, random: np.random.Generator) -> Brief:
        """Says how the model is asked; see ``Operator.apply``."""
        tried = [
            _Tried(one.candidate.id, one.fitness, shorten(_idea(one.candidate), _LONGEST, placeholder=" …"))
            for one in view.parents[:_NUM_TOLD]
        ]
        return Brief((), "rewarder/fresh.md", {"tried": tried})


def _idea(candidate: Candidate) -> str:
    """Gives what a program says of itself, or else what its author said when handing it in."""
    functions = [node for node in ast.parse(candidate.program.source).body if isinstance(node, ast.FunctionDef)]
    return next((text for text in map(ast.get_docstring, functions) if text), candidate.rationale)
