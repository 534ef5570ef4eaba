"""What all tasks say together: who is as good as the reference, how many programs ran, what it cost."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.rewards.conditions import REFERENCE
from benchmarks.rewards.measured import Found, Measured
from benchmarks.rewards.scores import compare

__all__ = ["Comparison", "Cost", "Execution", "against_reference", "cost", "execution", "num_hangs"]


class Comparison(NamedTuple):
    """How a condition compares with the reference, task by task."""

    num_tasks: int
    num_as_good: int
    """Tasks in which its mean fitness is at least the reference's."""
    better: Sequence[str]
    """Tasks in which the interval of the difference lies above zero."""
    worse: Sequence[str]
    """Tasks in which it lies below."""

    @property
    def share(self) -> float:
        """Share of tasks in which it is at least as good."""
        return self.num_as_good / self.num_tasks


class Execution(NamedTuple):
    """What became of the programs that were asked for."""

    num_wanted: int
    first_try: float
    """Share that the screens took as first proposed."""
    repaired: float
    """Share that they took in the end."""
    ran: float
    """Share that was trained without an error."""


class Cost(NamedTuple):
    """What searches took, all tasks together; means of a search."""

    num_searches: int
    timesteps: float
    wall_s: float
    cpu_s: float | None
    """None: no search was carried out in one sitting."""
    tokens: float
    usd: float


def against_reference(measured: Measured, condition: str) -> Comparison | None:
    """Compares a condition with the reference.

    Args:
        measured: all measurements.
        condition: its name.

    Returns:
        The comparison; none if there is no task to compare them in.
    """
    scores = {
        task: (one[condition], one[REFERENCE])
        for task, one in measured.scores().items()
        if {condition, REFERENCE} <= one.keys()
    }
    if not scores:
        return None
    verdicts = {task: compare(*pair) for task, pair in scores.items()}
    return Comparison(
        num_tasks=len(scores),
        num_as_good=sum(bool(np.mean(own) >= np.mean(other)) for own, other in scores.values()),
        better=[task for task, verdict in verdicts.items() if verdict == "better"],
        worse=[task for task, verdict in verdicts.items() if verdict == "worse"],
    )


def execution(found: Sequence[Found]) -> Execution:
    """Counts what became of programs.

    Args:
        found: at least one search.
    """
    results = [one.result for one in found]
    num_wanted = sum(one.num_wanted for one in results)
    return Execution(
        num_wanted=num_wanted,
        first_try=sum(one.num_accepted_first for one in results) / num_wanted,
        repaired=sum(one.num_accepted for one in results) / num_wanted,
        ran=sum(one.num_accepted - one.num_failed for one in results) / num_wanted,
    )


def cost(found: Sequence[Found]) -> Cost:
    """Averages what searches took.

    Args:
        found: at least one search.
    """
    results = [one.result for one in found]
    cpu_s = [one.cpu_s for one in results if one.cpu_s is not None]
    return Cost(
        num_searches=len(results),
        timesteps=float(np.mean([one.timesteps for one in results])),
        wall_s=float(np.mean([one.wall_s for one in results])),
        cpu_s=float(np.mean(cpu_s)) if cpu_s else None,
        tokens=float(np.mean([one.tokens for one in results])),
        usd=float(np.mean([one.usd for one in results])),
    )


def num_hangs(measured: Measured) -> int:
    """Counts workers that were given up because nothing was heard of them.

    Args:
        measured: all measurements.
    """
    searched = sum(found.result.num_hangs for found in measured.searches)
    return searched + sum(final.result.num_hangs for final in measured.finals)
