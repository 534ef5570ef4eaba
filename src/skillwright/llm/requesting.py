"""Gets replies: from the journal where they were paid for already, else from the model; counted, committed, retried."""

import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from skillwright.core.errors import BudgetExceeded, ModelUnavailable, SkillwrightError
from skillwright.core.seeding import derive_seed
from skillwright.core.steps import Steps
from skillwright.core.tracing import Attribute, span
from skillwright.llm.chat import ChatModel, Question, Reply, Stream, unheard
from skillwright.llm.exchanges import (
    Exchange,
    Subject,
    Unanswered,
    failure_key,
    question_hash,
    reply_key,
    unanswered_key,
)
from skillwright.llm.failures import ModelError
from skillwright.llm.ledger import Charge, Ledger, bound_usage
from skillwright.llm.retrying import RetryPolicy, keep_trying
from skillwright.llm.side_by_side import do_side_by_side

__all__ = ["Obtained", "Requester"]

Obtained = Reply | SkillwrightError
"""A reply, or why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Sends what has no reply yet."""

    model: ChatModel
    steps: Steps
    ledger: Ledger
    """Has what the run spent before this sitting."""
    seed: int
    timeout_s: float
    """Of one attempt."""
    max_requests: int
    """How many are under way at once."""
    retries: RetryPolicy
    said: Callable[[str], None]
    """Hears of trouble; called from several threads."""
    stream: Stream
    """Hears the first reply that is missing."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def obtain(self, subject: Subject, questions: Mapping[int, Question]) -> dict[int, Obtained]:
        """Gets one reply per sample; samples whose questions are equal share requests where the server can.

        Args:
            subject: who asks.
            questions: number of the sample -> what it is asked.

        Returns:
            Number of the sample -> its reply, or why there is none. After the first failure nothing more is sent, and
            what is still missing is journalled as given up.
        """
        questions = {i: one.model_copy(update={"sample": i}) for i, one in questions.items()}
        obtained: dict[int, Obtained] = {}
        for question in questions.values():
            exchange = self.steps.find(reply_key(subject, question), Exchange)
            if exchange is not None:
                with span("model", **_asked(subject, question), cached=True):
                    _hand_out(exchange, questions, obtained)
        while missing := {i: one for i, one in questions.items() if i not in obtained}:
            failure = self._ask_for(subject, missing, obtained)
            if failure is not None:
                self._give_up(subject, {i: one for i, one in missing.items() if i not in obtained}, failure)
                obtained |= {i: failure for i in missing if i not in obtained}
        return obtained

    def _give_up(self, subject: Subject, missing: Mapping[int, Question], failure: SkillwrightError) -> None:
        if not isinstance(failure, ModelUnavailable | BudgetExceeded):
            return  # the person's to mend before there can be a run
        finish: Literal["failed", "over_limit"] = "over_limit" if isinstance(failure, BudgetExceeded) else "failed"
        for question in missing.values():
            row = Unanswered(question=question, failure=str(failure), finish=finish)
            self.steps.once(unanswered_key(subject, question), Unanswered, partial(_itself, row))

    def _ask_for(
        self, subject: Subject, missing: Mapping[int, Question], obtained: MutableMapping[int, Obtained]
    ) -> SkillwrightError | None:
        """Sends what is missing; as every request brings a reply at least, repeating this comes to an end."""
        stop = threading.Event()
        failure: SkillwrightError | None = None

        def send(first: Question, num_samples: int, stream: Stream) -> None:
            attempt = partial(self._attempt, subject, first, num_samples, stream)
            exchange = keep_trying(attempt, self.retries, model=subject.model, said=self.said, stop=stop)
            with self._lock:
                kept = self.steps.once(reply_key(subject, first), Exchange, lambda: exchange)
                _hand_out(kept, missing, obtained)

        blocks = list(_blocks(missing, self.model.max_samples))
        listeners = [self.stream, *[unheard] * (len(blocks) - 1)]
        tasks = [partial(send, first, num, stream) for (first, num), stream in zip(blocks, listeners, strict=True)]
        for error in do_side_by_side(tasks, self.max_requests, stop):
            if isinstance(error, SkillwrightError):
                failure = failure or error
                stop.set()
            elif error is not None:
                raise error
        return failure

    def _attempt(self, subject: Subject, question: Question, num_samples: int, stream: Stream) -> Exchange:
        with span("model", **_asked(subject, question), samples=num_samples, cached=False) as asking:
            exchange = self._send(subject, question, num_samples, stream)
            asking.set(served_by=exchange.served_by or None, usd=exchange.usd, replies=len(exchange.replies))
            if exchange.usage:
                asking.set(**exchange.usage.model_dump())
            return exchange

    def _send(self, subject: Subject, question: Question, num_samples: int, stream: Stream) -> Exchange:
        bound = bound_usage(question, num_samples)
        held = self.ledger.hold(subject.role, subject.model, bound)
        seed = derive_seed(self.seed, "ask", subject.role, question_hash(question), question.sample)
        try:
            answer = self.model.ask(question, num_samples, seed=seed, timeout_s=self.timeout_s, stream=stream)
        except ModelError as error:
            charge = self.ledger.settle(held, error.usage, may_cost=error.may_cost)
            if charge is not None:
                self._keep_failure(subject, question, charge, str(error))
            raise
        except SkillwrightError:
            self.ledger.settle(held, None, may_cost=False)
            raise
        charge = self.ledger.settle(held, answer.usage, may_cost=True)
        assert charge is not None, "a counted request was not charged"
        replies = tuple(answer.replies[:num_samples])
        return _exchange(subject, question, charge).model_copy(update={"replies": replies, "served_by": answer.model})

    def _keep_failure(self, subject: Subject, question: Question, charge: Charge, reason: str) -> None:
        failed = _exchange(subject, question, charge).model_copy(update={"failure": reason})
        with self._lock:
            number = 0
            while self.steps.find(failure_key(subject, question, number), Exchange) is not None:
                number += 1
            self.steps.once(failure_key(subject, question, number), Exchange, lambda: failed)


def _asked(subject: Subject, question: Question) -> dict[str, Attribute]:
    """Tells what is asked without its words."""
    return {
        "role": subject.role,
        "model": subject.model,
        "template_sha256": subject.template,
        "question_sha256": question_hash(question),
        "question_characters": sum(len(message.text) for message in question.messages),
        "sample": question.sample,
        "replayed": subject.model.startswith("replay:"),
    }


def _itself(row: Unanswered) -> Unanswered:
    return row


def _exchange(subject: Subject, question: Question, charge: Charge) -> Exchange:
    return Exchange(
        subject=subject, question=question, replies=(), usage=charge.usage, usd=charge.usd, bound=charge.bound
    )


def _hand_out(exchange: Exchange, questions: Mapping[int, Question], obtained: MutableMapping[int, Obtained]) -> None:
    """Gives the replies of a request to the samples that asked for them."""
    asked = question_hash(exchange.question)
    for sample, reply in enumerate(exchange.replies, exchange.question.sample):
        if sample in questions and question_hash(questions[sample]) == asked:
            obtained.setdefault(sample, reply)


def _blocks(missing: Mapping[int, Question], max_samples: int) -> Iterator[tuple[Question, int]]:
    """Cuts samples into requests: neighbours with equal questions go together, as many as a request can bring."""
    first, num = None, 0
    for sample, question in missing.items():
        is_next = first is not None and sample == first.sample + num and num < max_samples
        if first is not None and is_next and question_hash(first) == question_hash(question):
            num += 1
            continue
        if first is not None:
            yield first, num
        first, num = question, 1
    if first is not None:
        yield first, num
