"""A model behind LangChain's chat interface: OpenAI, any server that speaks its protocol, or an installed provider."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pydantic import SecretStr

from skillwright.core.errors import MissingExtra, ModelUnavailable
from skillwright.llm.answers import answer_of, stream_answer
from skillwright.llm.chat import Question, Replies, Stream, unheard
from skillwright.llm.failures import ModelError, classify
from skillwright.llm.keys import redact
from skillwright.llm.reply_forms import FORMS, ReplyForm, WireSchema
from skillwright.llm.waiting import complete

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import LLMResult

__all__ = ["Abilities", "LangChainModel"]

_OPENAI: Final = ("openai", "azure_openai")
"""Providers of LangChain's that take OpenAI's own options."""
_MOST_SAMPLES: Final = 128
_NEVER_S: Final = 86_400.0
_NO_KEY: Final = "none"
"""What a server that wants no key is sent: without one, LangChain would send it the key of OpenAI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a server was found to be able to do; none: nobody has tried."""

    n: bool | None = None
    """Gives several replies to one request."""
    json_schema: bool | None = None
    """Holds a reply to a JSON schema."""
    json_mode: bool | None = None
    """Holds a reply to JSON."""
    tools: bool | None = None
    """Calls a tool it must call."""
    seed: bool | None = None
    """Takes a seed."""
    stream_usage: bool | None = None
    """Counts the tokens of a streamed reply."""


class _Try(NamedTuple):
    """One way to put a request."""

    form: ReplyForm | None
    """None: free text."""
    num_samples: int


@dataclass(slots=True, kw_only=True)
class LangChainModel:
    """Asks one model; what its server refuses is put in another way, and put so from then on."""

    spec: str
    """How the person named it."""
    provider: str
    """What ``init_chat_model`` calls its provider."""
    model: str
    """What the provider calls it."""
    base_url: str | None = None
    """The server; none: the provider's package knows."""
    api_key: SecretStr | None = None
    abilities: Abilities = Abilities()
    _form: int = field(default=0, init=False)
    """Index of the best form that the server has not refused."""
    _ignores_n: bool = field(default=False, init=False)

    @property
    def max_samples(self) -> int:
        """Most replies that one request can bring, as far as is known."""
        is_one = self._ignores_n or self.abilities.n is False or self.provider not in _OPENAI
        return 1 if is_one else _MOST_SAMPLES

    def ask(self, question: Question, num_samples: int, *, seed: int, timeout_s: float, stream: Stream) -> Replies:
        """Sends one request, in the best way that the server takes.

        Args:
            question: what is asked.
            num_samples: how many different replies are wanted; fewer may come.
            seed: of the sampling, where the server takes one.
            timeout_s: seconds after which the request ends, whatever the server does.
            stream: hears the reply as it arrives, where one is wanted.

        Raises:
            ModelError: the request failed.
            MissingExtra: LangChain is not installed.
            ModelUnavailable: the package of the provider is missing, or does not take the settings.
        """
        chat = self._chat(question)
        try:
            return complete(self._answer(chat, question, num_samples, seed=seed, stream=stream), timeout_s)
        except TimeoutError:
            raise ModelError(f"no answer within {timeout_s:g} s", kind="timeout") from None

    async def _answer(
        self, chat: "BaseChatModel", question: Question, num_samples: int, *, seed: int, stream: Stream
    ) -> Replies:
        refusal: ModelError | None = None
        num_samples = min(num_samples, self.max_samples)
        for way in self._ways(question, num_samples):
            try:
                replies = await self._request(chat, question, way, seed=seed, stream=stream)
            except ModelError as error:
                if error.kind != "request":
                    raise
                refusal = error
            else:
                self._learn(way, num_samples, replies)
                return replies
        assert refusal is not None, "there is always a way to try"
        raise refusal

    def _ways(self, question: Question, num_samples: int) -> Iterator[_Try]:
        """Lists the ways to put a request, best first; the next one is for a server that refuses the one before."""
        forms: Sequence[ReplyForm | None] = [None] if question.reply_schema is None else self._forms()
        for form in forms:
            if num_samples > 1:
                yield _Try(form, num_samples)
            yield _Try(form, 1)

    def _forms(self) -> list[ReplyForm]:
        is_openai = self.provider in _OPENAI
        can = {
            "json_schema": is_openai and self.abilities.json_schema is not False,
            "tool": self.abilities.tools is not False,
            "json_mode": is_openai and self.abilities.json_mode is not False,
        }
        return [form for form in FORMS[self._form :] if can.get(form, True)]

    def _learn(self, way: _Try, num_samples: int, replies: Replies) -> None:
        if way.num_samples < num_samples or len(replies.replies) < min(way.num_samples, 2):
            self._ignores_n = True
        if way.form is not None:
            self._form = FORMS.index(way.form)

    async def _request(
        self, chat: "BaseChatModel", question: Question, way: _Try, *, seed: int, stream: Stream
    ) -> Replies:
        """Sends one request; an error of the provider's is not chained to ours, as it may hold the key."""
        from langsmith.run_helpers import tracing_context

        options = self._options(chat, question, way, seed)
        messages = _messages(question, way.form)
        with tracing_context(enabled=False):
            try:
                if way.num_samples == 1 and stream is not unheard:
                    return await stream_answer(chat, messages, options, stream)
                send = cast("Callable[..., Awaitable[LLMResult]]", chat.agenerate)
                return answer_of(await send([messages], **options), messages)
            except ModelError:
                raise
            except Exception as error:  # a provider's package raises what it likes
                failure = classify(error, self.api_key)
        raise failure

    def _options(self, chat: "BaseChatModel", question: Question, way: _Try, seed: int) -> dict[str, object]:
        options: dict[str, object] = {}
        schema = WireSchema(question.reply_schema or "")
        if way.form == "tool":
            options.update(getattr(chat.bind_tools([schema.tool], tool_choice=schema.tool_name), "kwargs", {}))
        if self.provider not in _OPENAI:
            return options
        if self.abilities.seed is not False:
            options["seed"] = seed
        if way.num_samples > 1:
            options["n"] = way.num_samples
        body = dict(schema.body(way.form)) if way.form else {}
        if self.base_url is not None:
            body["max_tokens"] = question.max_tokens  # some servers do not know OpenAI's newer name of it
        return {**options, "extra_body": body} if body else options

    def _chat(self, question: Question) -> "BaseChatModel":
        settings: dict[str, object] = {"max_retries": 0, "cache": False, "max_tokens": question.max_tokens}
        if question.temperature is not None:
            settings["temperature"] = question.temperature
        if self.base_url is not None:
            settings["base_url"] = self.base_url
        if self.api_key is not None:
            settings["api_key"] = self.api_key
        elif self.base_url is not None:
            settings["api_key"] = SecretStr(_NO_KEY)
        if self.provider in _OPENAI:
            settings["timeout"] = _NEVER_S
            settings["use_responses_api"] = False
            settings["default_headers"] = {"Connection": "close"}  # an idle one may be broken by its next request
            settings["stream_usage"] = self.abilities.stream_usage is not False
        return _made(self, settings)


def _made(model: LangChainModel, settings: dict[str, object]) -> "BaseChatModel":
    try:
        from langchain.chat_models import init_chat_model
    except ImportError:
        raise MissingExtra("langchain", "models") from None
    try:
        make = cast("Callable[..., BaseChatModel]", init_chat_model)
        chat = make(model.model, model_provider=model.provider, **settings)
    except ImportError as error:
        if model.provider in _OPENAI:
            raise MissingExtra("langchain_openai", "models") from None
        raise ModelUnavailable(f"{model.spec}: {error}") from None
    except Exception as error:  # a provider's package raises what it likes
        problem = redact(f"{type(error).__name__}: {error}", model.api_key)
    else:
        return chat
    raise ModelUnavailable(f"{model.spec}: its package does not take the settings: {problem}")


def _messages(question: Question, form: ReplyForm | None) -> "list[BaseMessage]":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    kinds = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
    messages = [kinds[message.role](message.text) for message in question.messages]
    if form in ("json_mode", "prompt"):
        messages.append(HumanMessage(WireSchema(question.reply_schema or "").request))
    return messages
