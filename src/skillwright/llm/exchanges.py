"""What was asked and what came back, as rows of the journal; the ledger of a run can be made again from them.

The rows of a run are called ``ask/ROLE/HASH/SAMPLE``. The hash is of the model, the template and the question; the
sample is the number of the first reply in the row, as one request may bring several. A request that failed, but has or
may have cost something, is ``ask/ROLE/HASH/SAMPLE/failed/NUMBER``. A sample that was given up is
``unanswered/ROLE/HASH/SAMPLE``: a later sitting asks for it again, a replay does not get it either.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from skillwright.core.journal import Journal
from skillwright.llm.chat import Question, Reply, Usage
from skillwright.llm.ledger import Charge, Ledger

__all__ = [
    "Exchange",
    "Subject",
    "Unanswered",
    "enter_journal",
    "failure_key",
    "question_hash",
    "read_exchanges",
    "read_unanswered",
    "reply_key",
    "unanswered_key",
]

_ASKED: Final = "ask"
_UNANSWERED: Final = "unanswered"
_HASH_LENGTH: Final = 16


RowT = TypeVar("RowT", bound=BaseModel)


class Subject(BaseModel):
    """Who asks whom, and with which prompt."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str
    model: str
    """The model's spec."""
    template: str
    """SHA-256 of the prompt's template."""


class Exchange(BaseModel):
    """One request to a model, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Subject
    question: Question
    replies: tuple[Reply, ...]
    """From the question's sample on; empty: the request failed."""
    failure: str = ""
    """Why it failed."""
    served_by: str = ""
    """What the server calls the model that answered."""
    usage: Usage | None
    """Tokens of the request; none: nobody counted them."""
    usd: float | None
    """By the price of that day; none: not known."""
    bound: Usage
    """The most it can have used."""

    @property
    def charge(self) -> Charge:
        """What the ledger counts it as."""
        return Charge(
            role=self.subject.role, model=self.subject.model, usage=self.usage, usd=self.usd, bound=self.bound
        )


class Unanswered(BaseModel):
    """A sample that nobody gave, though somebody was to be asked for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Question
    failure: str
    """Why it was given up."""
    finish: Literal["failed", "over_limit"]
    """What a reply that stands for it ends with."""


def question_hash(question: Question) -> str:
    """Hashes what is asked; all samples of a question have the same hash.

    Args:
        question: what is asked.
    """
    return _hash(question.model_dump(mode="json", exclude={"sample"}))


def reply_key(subject: Subject, question: Question) -> str:
    """Names the row of a request that brought replies.

    Args:
        subject: who asks.
        question: what is asked; its sample is that of the first reply.
    """
    return _key(_ASKED, subject, question)


def failure_key(subject: Subject, question: Question, number: int) -> str:
    """Names the row of a request that failed.

    Args:
        subject: who asks.
        question: what is asked.
        number: how many such rows there are before it.
    """
    return f"{reply_key(subject, question)}/failed/{number}"


def unanswered_key(subject: Subject, question: Question) -> str:
    """Names the row of a sample that was given up.

    Args:
        subject: who asks.
        question: what is asked, with the number of the sample.
    """
    return _key(_UNANSWERED, subject, question)


def read_exchanges(journal: Journal, run_id: str) -> Iterator[Exchange]:
    """Reads the exchanges of a run, in the order in which they ended.

    Args:
        journal: the journal.
        run_id: id of the run.

    Raises:
        StorageError: a row is none of this version.
    """
    return _read(journal, run_id, _ASKED, Exchange)


def read_unanswered(journal: Journal, run_id: str) -> Iterator[Unanswered]:
    """Reads which samples a run gave up, in their order; it may have got some of them later.

    Args:
        journal: the journal.
        run_id: id of the run.

    Raises:
        StorageError: a row is none of this version.
    """
    return _read(journal, run_id, _UNANSWERED, Unanswered)


def enter_journal(ledger: Ledger, journal: Journal, run_id: str) -> Ledger:
    """Enters all that a run has spent so far, before it goes on.

    Args:
        ledger: a new one.
        journal: the journal.
        run_id: id of the run.

    Returns:
        The ledger, for chaining.

    Raises:
        StorageError: a row is none of this version.
    """
    for exchange in read_exchanges(journal, run_id):
        ledger.enter(exchange.charge)
    return ledger


def _key(kind: str, subject: Subject, question: Question) -> str:
    asked = _hash([subject.model, subject.template, question_hash(question)])
    return f"{kind}/{subject.role}/{asked[:_HASH_LENGTH]}/{question.sample}"


def _read(journal: Journal, run_id: str, kind: str, schema: type[RowT]) -> Iterator[RowT]:
    for key in journal.keys(run_id):
        row = journal.get(run_id, key, schema) if key.startswith(f"{kind}/") else None
        if row is not None:
            yield row


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
