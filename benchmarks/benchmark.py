"""What a benchmark is: cases, how one is measured, and what the measurements say together."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

from benchmarks.protocol import Message
from benchmarks.records import Record

__all__ = ["Benchmark", "Case", "Planned", "Question", "Size"]


class Case(Message):
    """One thing to measure; equal cases are measured once."""

    @property
    @abstractmethod
    def label(self) -> str:
        """The case in a few words, for the progress display and for ``--match``."""


CaseT = TypeVar("CaseT", bound=Case)
ResultT = TypeVar("ResultT", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    quick: bool = False
    """Whether only to see that everything works."""
    repeats: int | None = None
    """Repeats, or seeds, of each measurement; none: as many as the benchmark thinks right."""

    def num_repeats(self, full: int) -> int:
        """Says how often to measure.

        Args:
            full: what the benchmark thinks right.
        """
        return self.repeats or (1 if self.quick else full)


class Planned(NamedTuple):
    """A case that can be measured."""

    case: Case
    measure: Callable[[], Message]


class Question(Protocol):
    """A benchmark as the runner and the report see it."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        ...

    @property
    def title(self) -> str:
        """Heading of its section."""
        ...

    def plan(self, size: Size) -> list[Planned]:
        """Lists what is to be measured, in order.

        Args:
            size: how much.
        """
        ...

    def section(self, records: Sequence[Record]) -> str:
        """Writes what the measurements say, in Markdown.

        Args:
            records: at least one, no case twice.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark(Generic[CaseT, ResultT]):
    """A question with the types of its cases and results."""

    name: str
    """What it is called on the command line."""
    title: str
    """Heading of its section."""
    case_type: type[CaseT]
    """Reads cases from the file of results."""
    result_type: type[ResultT]
    """Reads results from it."""
    list_cases: Callable[[Size], list[CaseT]]
    """Says what to measure, in order; sides that are compared stand beside each other."""
    measure: Callable[[CaseT], ResultT]
    """Measures one case."""
    render: Callable[[Sequence[tuple[CaseT, ResultT]]], str]
    """Writes what all measurements say, in Markdown."""

    def plan(self, size: Size) -> list[Planned]:
        """Lists what is to be measured; see ``Question.plan``."""
        return [Planned(case, partial(self.measure, case)) for case in self.list_cases(size)]

    def section(self, records: Sequence[Record]) -> str:
        """Writes what the measurements say; see ``Question.section``."""
        measured = [
            (self.case_type.model_validate(one.case), self.result_type.model_validate(one.result)) for one in records
        ]
        return self.render(measured)
