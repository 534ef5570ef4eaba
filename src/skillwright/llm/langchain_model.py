"""A model behind LangChain's chat interface: OpenAI, any server that speaks its protocol, or an installed provider."""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from skillwright.llm.answers import answer_of, stream_answer
from skillwright.llm.chat import Question, Replies, Stream, unheard
from skillwright.llm.failures import ModelError, classify
from skillwright.llm.langchain_request import (
    LIMITS,
    Abilities,
    Endpoint,
    Request,
    make_chat,
    messages_of,
    optional_parts,
)
from skillwright.llm.lengths import guess_tokens
from skillwright.llm.reply_forms import FORMS, ReplyForm, WireSchema
from skillwright.llm.waiting import complete

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.outputs import LLMResult

__all__ = ["Abilities", "LangChainModel"]

_MOST_SAMPLES: Final = 128
_LEAST_REPLY: Final = 64
"""Tokens below which a reply is of no use."""
_NAMES_A_FORM: Final = re.compile(r"response_format|json_schema|json_object|\btools?\b|tool_choice")


class _Way(NamedTuple):
    form: ReplyForm | None
    num_samples: int


@dataclass(slots=True, kw_only=True)
class LangChainModel(Endpoint):
    """Asks one model; what its server refuses is put in another way, and put so from then on."""

    forms: Sequence[ReplyForm] = FORMS
    """The ways in which a typed reply may be asked for, best first."""
    _form: int = field(default=0, init=False)
    """Index of the best form that the server has not refused."""
    _ignores_n: bool = field(default=False, init=False)
    _left_out: frozenset[str] = field(default=frozenset(), init=False)
    """Optional parts of a request that the server refused."""
    _context: int | None = field(default=None, init=False)
    """Tokens of question and reply together, as an error of the server told."""

    @property
    def max_samples(self) -> int:
        """Most replies that one request can bring, as far as is known."""
        is_one = self._ignores_n or self.abilities.n is False or not self.is_openai
        return 1 if is_one else _MOST_SAMPLES

    def ask(self, question: Question, num_samples: int, *, seed: int, timeout_s: float, stream: Stream) -> Replies:
        """Sends one request, in the best way that the server takes.

        Args:
            question: what is asked; a reply gets fewer tokens where the model's context leaves no more for it.
            num_samples: how many different replies are wanted; fewer may come.
            seed: of the sampling, where the server takes one.
            timeout_s: seconds after which the request ends, whatever the server does.
            stream: hears the reply as it arrives, where one is wanted.

        Raises:
            ModelError: the request failed.
            MissingExtra: LangChain is not installed.
            ModelUnavailable: the package of the provider is missing, or does not take the settings.
        """
        num_samples = min(num_samples, self.max_samples)
        ways = self._ways(question, num_samples)
        max_tokens, was_shortened, deadline = self._cap(question), False, None
        while True:
            form, num = ways[0]
            request = Request(
                question=question, form=form, num_samples=num, seed=seed, max_tokens=max_tokens,
                is_streamed=num == 1 and stream is not unheard, left_out=self._left_out,
            )  # fmt: skip
            chat, options = make_chat(self, request)
            deadline = deadline or time.monotonic() + timeout_s  # loading LangChain takes seconds the first time
            try:
                replies = complete(self._send(chat, options, request, stream), deadline - time.monotonic())
            except TimeoutError:
                raise ModelError(f"no answer within {timeout_s:g} s", kind="timeout") from None
            except ModelError as error:
                if error.overlong and not was_shortened:
                    max_tokens, was_shortened = self._shortened(error, max_tokens), True
                elif error.overlong or not self._evade(error, request, ways):
                    raise
            else:
                self._learn(request, num_samples, replies)
                return replies

    def _ways(self, question: Question, num_samples: int) -> list[_Way]:
        """Lists the ways to put a request, best first; the next one is for a server that refuses the one before."""
        forms: Sequence[ReplyForm | None] = [None] if question.reply_schema is None else self._forms(question)
        nums = [num_samples, 1] if num_samples > 1 else [1]
        return [_Way(form, num) for form in forms for num in nums]

    def _forms(self, question: Question) -> list[ReplyForm]:
        can = {
            "json_schema": self.is_openai and self.abilities.json_schema is not False,
            "tool": self.abilities.tools is not False,
            "json_mode": self.is_openai and self.abilities.json_mode is not False,
        }
        wanted = WireSchema(question.reply_schema or "").forms
        return [form for form in self.forms[self._form :] if form in wanted and can.get(form, True)]

    def _cap(self, question: Question) -> int:
        """Leaves the reply no more tokens than the context has beside the question; that is an estimate."""
        context = self._context or self.abilities.context_length
        if context is None:
            return question.max_tokens
        texts = [message.text for message in question.messages]
        room = context - guess_tokens([*texts, question.reply_schema or ""])
        return min(question.max_tokens, max(room, _LEAST_REPLY))

    def _shortened(self, error: ModelError, max_tokens: int) -> int:
        """Returns the length that a server leaves for the reply; it raises the error where that is of no use."""
        assert error.overlong is not None
        self._context = error.overlong.context or self._context
        room = error.overlong.room
        if room is None or not _LEAST_REPLY <= room < max_tokens:
            raise error
        return room

    def _evade(self, error: ModelError, request: Request, ways: list[_Way]) -> bool:
        """Finds another way after a refusal: without the part that the server names, or else the next form."""
        if error.kind != "request":
            return False
        refused = _named(error, [*optional_parts(self, request)])
        if refused and not set(LIMITS) <= self._left_out | {refused}:
            self._left_out |= {refused}
            return True
        form = ways.pop(0).form
        while ways and form and ways[0].form == form and _NAMES_A_FORM.search(str(error)):
            ways.pop(0)
        return bool(ways)

    def _learn(self, request: Request, num_samples: int, replies: Replies) -> None:
        if request.num_samples < num_samples or len(replies.replies) < min(request.num_samples, 2):
            self._ignores_n = True
        if request.form is not None and WireSchema(request.question.reply_schema or "").forms == FORMS:
            self._form = self.forms.index(request.form)

    async def _send(
        self, chat: "BaseChatModel", options: dict[str, object], request: Request, stream: Stream
    ) -> Replies:
        """Sends one request; an error of the provider's is not chained to ours, as it may hold the key."""
        from langsmith.run_helpers import tracing_context

        messages = messages_of(request)
        with tracing_context(enabled=False):
            try:
                if request.is_streamed:
                    return await stream_answer(chat, messages, options, stream)
                send = cast("Callable[..., Awaitable[LLMResult]]", chat.agenerate)
                return answer_of(await send([messages], **options), messages)
            except ModelError:
                raise
            except Exception as error:  # a provider's package raises what it likes
                failure = classify(error, self.api_key)
        raise failure


def _named(error: ModelError, parts: Sequence[str]) -> str:
    """Finds the part of a request that a server refuses by its name; empty: none."""
    if error.param in parts:
        return error.param
    places = {name: found.start() for name in parts if (found := re.search(rf"\b{name}\b", str(error)))}
    return min(places, key=places.__getitem__, default="")
