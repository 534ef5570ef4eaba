"""What the files of results hold of one scale, brought together by task and condition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from benchmarks.machine import Machine
from benchmarks.records import Record, Results, last_machine, newest
from benchmarks.rewards.campaign import FINALS, SEARCHES
from benchmarks.rewards.conditions import ABLATIONS, CONDITIONS
from benchmarks.rewards.finals import FinalCase, FinalResult
from benchmarks.rewards.scale import Name
from benchmarks.rewards.scores import TaskScores
from benchmarks.rewards.searching import SearchCase, SearchResult

__all__ = ["Final", "Found", "Measured", "collect"]

T = TypeVar("T", "Final", "Found")
_ORDER = {condition.name: place for place, condition in enumerate((*CONDITIONS, *ABLATIONS))}


class Final(NamedTuple):
    """A policy."""

    case: FinalCase
    result: FinalResult


class Found(NamedTuple):
    """A reward that a search found."""

    case: SearchCase
    result: SearchResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All measurements of one scale on one machine."""

    scale: Name
    machine: Machine
    records: Sequence[Record]
    finals: Sequence[Final]
    """Of the newest reward of each task and condition."""
    searches: Sequence[Found]
    """The newest of each task and condition."""

    @property
    def tasks(self) -> list[str]:
        """In the order in which they were measured."""
        return list(dict.fromkeys(final.case.task for final in self.finals))

    @property
    def conditions(self) -> list[str]:
        """In the order in which they are explained."""
        return sorted({final.case.condition for final in self.finals}, key=lambda name: _ORDER.get(name, len(_ORDER)))

    def policies(self, task: str, condition: str) -> list[Final]:
        """Lists the policies of a task and a condition, also those whose training failed.

        Args:
            task: ``ENV/TASK``.
            condition: its name.
        """
        return [one for one in self.finals if (one.case.task, one.case.condition) == (task, condition)]

    def scores(self) -> dict[str, TaskScores]:
        """Gives the fitness of every policy that there is, by task and condition."""
        return {task: self._scores(task) for task in self.tasks}

    def _scores(self, task: str) -> TaskScores:
        samples = {
            condition: [one.result.fitness for one in self.policies(task, condition) if one.result.fitness]
            for condition in self.conditions
        }
        return {condition: sample for condition, sample in samples.items() if sample}


def collect(results: Results, scale: Name) -> Measured | None:
    """Reads the measurements of one scale, on the machine of the newest.

    Args:
        results: the files.
        scale: its name.

    Returns:
        The measurements; none if no policy is there.

    Raises:
        CorruptArtifact: a file of results is damaged.
    """
    searches, finals = (_of(scale, results.read(name)) for name in (SEARCHES, FINALS))
    machine = last_machine(finals)
    if machine is None:
        return None
    searches, finals = newest(searches, machine), newest(finals, machine)
    policies = [Final(FinalCase.model_validate(one.case), FinalResult.model_validate(one.result)) for one in finals]
    found = [Found(SearchCase.model_validate(one.case), SearchResult.model_validate(one.result)) for one in searches]
    return Measured(
        scale=scale,
        machine=machine,
        records=[*searches, *finals],
        finals=_newest_setting(policies),
        searches=_newest_setting(found),
    )


def _of(scale: Name, records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.case.get("scale") == scale]


def _newest_setting(measured: Sequence[T]) -> list[T]:
    """Leaves out what was measured before a task, a reward or a size changed."""
    last = {(one.case.task, one.case.condition): _setting(one) for one in measured}
    return [one for one in measured if _setting(one) == last[one.case.task, one.case.condition]]


def _setting(one: Final | Found) -> str:
    """Gives what must be the same for seeds to stand together."""
    return one.case.model_copy(update={"seed": 0}).model_dump_json()
