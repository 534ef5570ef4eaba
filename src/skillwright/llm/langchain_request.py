"""One request as LangChain is given it: the chat model with its settings, the messages, and the options of the call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pydantic import SecretStr

from skillwright.core.errors import MissingExtra, ModelUnavailable
from skillwright.llm.chat import Question
from skillwright.llm.keys import NO_KEY, redact
from skillwright.llm.reply_forms import TOOL, ReplyForm, WireSchema

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

__all__ = [
    "LIMITS",
    "OPENAI",
    "Abilities",
    "Endpoint",
    "Prepared",
    "Request",
    "make_chat",
    "messages_of",
    "optional_parts",
]

OPENAI: Final = ("openai", "azure_openai")
"""Providers of LangChain's that take OpenAI's own options."""
LIMITS: Final = ("max_completion_tokens", "max_tokens")
"""OpenAI's names of the limit of a reply, the newer one first; a request must hold one that the server takes."""
_NEVER_S: Final = 86_400.0


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
    context_length: int | None = None
    """Tokens it can read and write together."""


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """Where a model is, and what is known of it."""

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

    @property
    def is_openai(self) -> bool:
        """Whether it is asked in OpenAI's protocol."""
        return self.provider in OPENAI


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One way to put a question."""

    question: Question
    form: ReplyForm | None
    """None: free text."""
    num_samples: int
    seed: int
    max_tokens: int
    """Most tokens of one reply."""
    is_streamed: bool
    left_out: frozenset[str]
    """Optional parts that the server does not take."""


class Prepared(NamedTuple):
    """What one request is sent with."""

    chat: "BaseChatModel"
    options: dict[str, object]
    """Of the call."""


def optional_parts(endpoint: Endpoint, request: Request) -> dict[str, object]:
    """Lists the parts of a request that it can do without, by the names that servers use, with their values.

    Args:
        endpoint: the model.
        request: how it is asked.
    """
    parts: dict[str, object] = {"temperature": request.question.temperature}
    if endpoint.is_openai:
        limits = [name for name in LIMITS if name not in request.left_out]
        for name in limits if endpoint.base_url else limits[:1]:  # some servers do not know the newer name
            parts[name] = request.max_tokens
        parts["seed"] = None if endpoint.abilities.seed is False else request.seed
        counts = request.is_streamed and endpoint.abilities.stream_usage is not False
        parts["stream_options"] = counts or None
    return {name: value for name, value in parts.items() if value is not None and name not in request.left_out}


def make_chat(endpoint: Endpoint, request: Request) -> Prepared:
    """Makes LangChain's model for one request; nothing is sent yet.

    Args:
        endpoint: the model.
        request: how it is asked.

    Returns:
        The model, and the options of its call.

    Raises:
        MissingExtra: LangChain is not installed.
        ModelUnavailable: the package of the provider is missing, or does not take the settings.
    """
    parts = optional_parts(endpoint, request)
    settings: dict[str, object] = {"max_retries": 0, "cache": False}
    if "temperature" in parts:
        settings["temperature"] = parts["temperature"]
    if not endpoint.is_openai or "max_completion_tokens" in parts:
        settings["max_tokens"] = request.max_tokens  # LangChain writes it by its newer name
    if endpoint.base_url is not None:
        settings["base_url"] = endpoint.base_url
    key = endpoint.api_key or (NO_KEY if endpoint.base_url is not None else None)
    if key is not None:
        settings["api_key"] = key
    if endpoint.is_openai:
        settings["timeout"] = _NEVER_S
        settings["use_responses_api"] = False
        settings["default_headers"] = {"Connection": "close"}  # an idle one may be broken by its next request
        settings["stream_usage"] = "stream_options" in parts
    chat = _made(endpoint, settings)
    return Prepared(chat, _call_options(chat, endpoint, request, parts))


def messages_of(request: Request) -> "list[BaseMessage]":
    """Writes the messages; what asks for the form of the reply stands at the end of the last one.

    Args:
        request: how the model is asked.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    kinds = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
    *before, last = request.question.messages
    text = last.text
    if request.form in (
        "json_mode",
        "prompt",
    ):  # not as another message: some models want questions and replies in turn
        text = f"{text}\n\n{WireSchema(request.question.reply_schema or '').request}"
    return [*(kinds[message.role](message.text) for message in before), kinds[last.role](text)]


def _call_options(
    chat: "BaseChatModel", endpoint: Endpoint, request: Request, parts: dict[str, object]
) -> dict[str, object]:
    options: dict[str, object] = {}
    schema = WireSchema(request.question.reply_schema or "")
    if request.form == "tool":
        options.update(getattr(chat.bind_tools([schema.tool], tool_choice=TOOL), "kwargs", {}))
    if not endpoint.is_openai:
        return options
    if "seed" in parts:
        options["seed"] = parts["seed"]
    if request.num_samples > 1:
        options["n"] = request.num_samples
    body: dict[str, object] = dict(schema.body(request.form)) if request.form else {}
    if "max_tokens" in parts:
        body["max_tokens"] = parts["max_tokens"]
    return {**options, "extra_body": body} if body else options


def _made(endpoint: Endpoint, settings: dict[str, object]) -> "BaseChatModel":
    try:
        from langchain.chat_models import init_chat_model
    except ImportError:
        raise MissingExtra("langchain", "models") from None
    try:
        make = cast("Callable[..., BaseChatModel]", init_chat_model)
        chat = make(endpoint.model, model_provider=endpoint.provider, **settings)
    except ImportError as error:
        if endpoint.is_openai:
            raise MissingExtra("langchain_openai", "models") from None
        raise ModelUnavailable(f"{endpoint.spec}: {error}") from None
    except Exception as error:  # a provider's package raises what it likes
        problem = redact(f"{type(error).__name__}: {error}", endpoint.api_key)
    else:
        return chat
    raise ModelUnavailable(f"{endpoint.spec}: its package does not take the settings: {problem}")
