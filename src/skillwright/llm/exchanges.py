"""What was asked and what came back, as rows of the journal; the ledger of a run can be made again from them.

The rows of a run are called ``ask/ROLE/HASH/SAMPLE``. The hash is of the model, the template and the question; the
sample is the number of the first reply in the row, as one request may bring several. A request that failed, but has or
may have cost something, is ``ask/ROLE/HASH/SAMPLE/failed/NUMBER``.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, ConfigDict

from skillwright.core.journal import Journal
from skillwright.llm.chat import Question, Reply, Usage
from skillwright.llm.ledger import Charge, Ledger

__all__ = ["Exchange", "Subject", "enter_journal", "failure_key", "question_hash", "read_exchanges", "reply_key"]

_PREFIX: Final = "ask/"
_HASH_LENGTH: Final = 16


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
    asked = _hash([subject.model, subject.template, question_hash(question)])
    return f"{_PREFIX}{subject.role}/{asked[:_HASH_LENGTH]}/{question.sample}"


def failure_key(subject: Subject, question: Question, number: int) -> str:
    """Names the row of a request that failed.

    Args:
        subject: who asks.
        question: what is asked.
        number: how many such rows there are before it.
    """
    return f"{reply_key(subject, question)}/failed/{number}"


def read_exchanges(journal: Journal, run_id: str) -> Iterator[Exchange]:
    """Reads the exchanges of a run, in the order in which they ended.

    Args:
        journal: the journal.
        run_id: id of the run.

    Raises:
        StorageError: a row is none of this version.
    """
    for key in journal.keys(run_id):
        exchange = journal.get(run_id, key, Exchange) if key.startswith(_PREFIX) else None
        if exchange is not None:
            yield exchange


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


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
