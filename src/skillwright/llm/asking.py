"""Asks a model through a prompt template and returns typed values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from skillwright.core.errors import ModelRetry, ModelUnavailable, SkillwrightError
from skillwright.core.steps import Steps
from skillwright.llm.chat import ChatModel, Message, Question, Stream, unheard
from skillwright.llm.exchanges import Subject
from skillwright.llm.ledger import Ledger
from skillwright.llm.replying import Refused, read_reply, repair_question, schema_text
from skillwright.llm.requesting import Requester
from skillwright.llm.retrying import USUAL, RetryPolicy
from skillwright.prompts import render_prompt

__all__ = ["Answers", "AskSettings", "Asker"]

T = TypeVar("T", bound=BaseModel | str)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSettings:
    """How a model is asked."""

    temperature: float | None = None
    """None: what the provider does by itself."""
    max_tokens: int = 4096
    """Most tokens of one reply."""
    timeout_s: float = 300.0
    """Of one attempt, whatever the server does."""
    num_repairs: int = 2
    """How often a reply that cannot be used is given back to the model."""
    max_requests: int = 4
    """How many requests are under way at once."""
    seed: int = 0
    """Seed of the run."""
    retries: RetryPolicy = USUAL


class Answers(NamedTuple, Generic[T]):
    """What came of asking for several samples."""

    values: list[T]
    """At least one, in the order of the samples."""
    failures: list[str]
    """Why each of the other samples brought none."""
    samples: list[int]
    """Number of the sample of each value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Asks one model on behalf of one run: what was answered before, it takes from the journal."""

    model: ChatModel
    steps: Steps
    ledger: Ledger
    """Has what the run spent before this sitting; see ``enter_journal``."""
    settings: AskSettings = AskSettings()
    said: Callable[[str], None] = lambda line: None
    """Hears of requests that failed and are sent again; called from several threads."""
    stream: Stream = unheard
    """Hears a reply as it arrives."""

    def ask(
        self,
        template: str,
        variables: Mapping[str, object],
        schema: type[T],
        *,
        samples: range = range(1),
        role: str,
    ) -> Answers[T]:
        """Asks for several different values.

        A reply that is no such value goes back to the model with the reason. The samples that fail for good do not
        take the others with them.

        Args:
            template: path of the prompt below ``prompts/``.
            variables: what it names.
            schema: class of the values, a pydantic model, or ``str`` for free text.
            samples: numbers of those that are wanted; asked again for more, only the further ones are sent. Where
                several models share the samples of one question, each number is asked of one of them, so that the
                replies can be replayed as those of one model.
            role: on whose behalf, such as ``rewarder``.

        Raises:
            BudgetExceeded: a limit does not allow the request, and no sample came before it.
            ConfigError: the prompt is broken, or a limit of money meets a model whose price is not known.
            ModelUnavailable: no sample came; the text says why and what to do.
        """
        assert samples, "somebody asks for nothing"
        prompt = render_prompt(template, **variables)
        question = Question(
            messages=(Message(role="user", text=prompt.text),),
            reply_schema=schema_text(schema),
            temperature=self.settings.temperature,
            max_tokens=self.settings.max_tokens,
        )
        subject = Subject(role=role, model=self.model.spec, template=prompt.template)
        values, failures = self._converse(subject, dict.fromkeys(samples, question), schema)
        if not values:
            raise _all_failed(self.model.spec, template, failures)
        came = sorted(values)
        return Answers([values[i] for i in came], [f"sample {i}: {failures[i]}" for i in sorted(failures)], came)

    def ask_one(self, template: str, variables: Mapping[str, object], schema: type[T], *, role: str) -> T:
        """Asks for one value; see ``ask``.

        Args:
            template: path of the prompt below ``prompts/``.
            variables: what it names.
            schema: class of the value.
            role: on whose behalf.

        Raises:
            BudgetExceeded: a limit does not allow the request.
            ConfigError: the prompt is broken, or a limit of money meets a model whose price is not known.
            ModelUnavailable: there is no value; the text says why and what to do.
        """
        return self.ask(template, variables, schema, role=role).values[0]

    def _converse(
        self, subject: Subject, questions: Mapping[int, Question], schema: type[T]
    ) -> tuple[dict[int, T], dict[int, SkillwrightError]]:
        """Asks, and asks again where a reply cannot be used; per sample a value or the last reason."""
        values: dict[int, T] = {}
        failures: dict[int, SkillwrightError] = {}
        requester = self._requester()
        for _turn in range(1 + self.settings.num_repairs):
            obtained = requester.obtain(subject, questions)
            asked, questions = questions, {}
            for sample, reply in obtained.items():
                if isinstance(reply, SkillwrightError):
                    failures[sample] = reply
                    continue
                try:
                    values[sample] = read_reply(reply, schema)
                except SkillwrightError as problem:
                    failures[sample] = problem
                    if isinstance(problem, ModelRetry) and not isinstance(problem, Refused):
                        questions[sample] = repair_question(asked[sample], reply, problem)
        return values, {sample: reason for sample, reason in failures.items() if sample not in values}

    def _requester(self) -> Requester:
        return Requester(
            model=self.model,
            steps=self.steps,
            ledger=self.ledger,
            seed=self.settings.seed,
            timeout_s=self.settings.timeout_s,
            max_requests=self.settings.max_requests,
            retries=self.settings.retries,
            said=self.said,
            stream=self.stream,
        )


def _all_failed(spec: str, template: str, failures: Mapping[int, SkillwrightError]) -> SkillwrightError:
    """Returns the person's own error where there is one, such as a limit; else one that gives every reason."""
    for reason in failures.values():
        if not isinstance(reason, ModelRetry):
            return reason
    reasons = "\n".join(dict.fromkeys(str(reason) for reason in failures.values()))
    advice = "try another model with --model, or allow longer replies (max_tokens in the agent profile)"
    return ModelUnavailable(f"{spec}: no reply to {template} can be used; {advice}\n{reasons}")
