"""Why a request to a model failed, and whether trying again can help.

Every provider's package raises errors of its own; what they share is an HTTP status, the response's headers, and the
names of their classes. Nothing is imported to tell them apart.
"""

import email.utils
import math
import time
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from pydantic import SecretStr

from skillwright.core.errors import WorldError
from skillwright.llm.chat import Usage
from skillwright.llm.keys import redact
from skillwright.llm.lengths import Overlong, read_overlong

__all__ = ["FailureKind", "ModelError", "classify"]

FailureKind = Literal["key", "unknown", "request", "quota", "busy", "server", "timeout", "connection", "reply"]
"""``request``: the server does not take what was sent; ``quota``: the account is empty; ``busy``: too many requests;
``reply``: what came back cannot be read."""

_MAX_TEXT: Final = 400
_KINDS: Final[Mapping[int, FailureKind]] = {
    401: "key", 402: "quota", 403: "key", 404: "unknown", 405: "unknown", 408: "server", 409: "busy", 425: "busy",
    429: "busy", 501: "request",
}  # fmt: skip
_QUOTA_WORDS: Final = ("insufficient_quota", "insufficient funds", "credit balance", "billing_hard_limit")
_ADVICE: Final[Mapping[FailureKind, str]] = {
    "key": "check the key and what it may do; `skillwright models check` says where a key is looked for",
    "unknown": "check the model's name and the server's address",
    "request": "`skillwright models check` says what this server can do",
    "quota": "its account has nothing left: top it up, or choose another model with --model",
    "busy": "it is asked too often: wait, or choose another model with --model",
    "server": "the server is in trouble: try later, or choose another model with --model",
    "timeout": "allow more time, ask for shorter replies, or choose another model with --model",
    "connection": "check that the server runs and can be reached",
    "reply": "`skillwright models check` says what this server can do",
}
_OVERLONG_ADVICE: Final = (
    "the question and its reply do not fit into the model: give its server a larger context (vLLM --max-model-len, "
    "llama.cpp --ctx-size, OLLAMA_CONTEXT_LENGTH), choose another model with --model, or ask for shorter replies "
    "(max_tokens in the agent profile)"
)
_UNSUPPORTED: Final = ("response_format", "json_schema", "tool_choice")
"""Named in a status 500, they are what the server does not take, as llama-cpp-python says it."""
_TIMEOUTS: Final = frozenset({"TimeoutError", "APITimeoutError", "TimeoutException"})
_UNCONNECTED: Final = frozenset({"ConnectError", "ConnectTimeout", "ConnectionRefusedError", "gaierror"})
_CONNECTIONS: Final = frozenset({"APIConnectionError", "TransportError", "OSError"}) | _UNCONNECTED


class ModelError(WorldError):
    """Says why a request failed, what to do about it, and whether trying again can help."""

    def __init__(
        self, text: str, *, kind: FailureKind, wait_s: float | None = None, usage: Usage | None = None
    ) -> None:
        super().__init__(text)
        self.kind: FailureKind = kind
        self.wait_s = wait_s
        """Seconds the server wants to be left alone; none: it did not say."""
        self.usage = usage
        """Tokens that the server counted all the same."""
        self.can_retry = kind not in ("key", "unknown", "request", "quota")
        self.may_cost = kind in ("timeout", "connection", "reply")
        """Whether the server may have worked, and want to be paid, though it sent no count."""
        self.overlong: Overlong | None = None
        """What the server takes, where the request was too long for it."""
        self.param = ""
        """The part of the request that the server named."""

    @property
    def advice(self) -> str:
        """What the person can do."""
        return _OVERLONG_ADVICE if self.overlong else _ADVICE[self.kind]


def classify(error: Exception, key: SecretStr | None) -> ModelError:
    """Reads what a provider's package raised.

    Args:
        error: what was raised.
        key: taken out of what others wrote.
    """
    status = _status(error)
    text = _short(redact(_message(error), key))
    if status is not None:
        return _with_status(status, f"HTTP {status}: {text}", error)
    names = {kind.__name__ for one in _chain(error) for kind in type(one).__mro__}
    if names & _UNCONNECTED:
        failure = ModelError("the server cannot be reached", kind="connection")
        failure.may_cost = False
        return failure
    if names & _TIMEOUTS:
        return ModelError("no answer in time", kind="timeout")
    if names & _CONNECTIONS:
        return ModelError("the connection broke before the answer was whole", kind="connection")
    return ModelError(f"the answer cannot be read: {type(error).__name__}: {text}", kind="reply")


def _with_status(status: int, text: str, error: Exception) -> ModelError:
    said = f"{_message(error)} {error} {getattr(error, 'body', None)}"
    overlong = read_overlong(said) if _kind(status, said) in ("request", "server") else None
    kind = "request" if overlong else _kind(status, said)
    failure = ModelError(text, kind=kind, wait_s=_asked_wait_s(_headers(error)))
    failure.may_cost = False  # a server that answers with an error charges nothing
    failure.overlong = overlong
    failure.param = _of_body(error, "param")
    return failure


def _kind(status: int, text: str) -> FailureKind:
    if status == 429 and any(word in text for word in _QUOTA_WORDS):
        return "quota"
    if status == 500 and any(word in text for word in _UNSUPPORTED):
        return "request"
    if status in _KINDS:
        return _KINDS[status]
    return "server" if status >= 500 else "request"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _status(error: Exception) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and status >= 400:
            return status
    return None


def _message(error: Exception) -> str:
    """Finds what the server itself said, where the body is of the common form."""
    said, code = _of_body(error, "message"), _of_body(error, "code")
    body = getattr(error, "body", None)
    if not said and isinstance(body, Mapping) and isinstance(body.get("error"), str):
        said = body["error"]
    if not said:
        return str(error)
    return f"{said} ({code})" if code else said


def _of_body(error: Exception, name: str) -> str:
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, Mapping) else None
    value = inner.get(name) if isinstance(inner, Mapping) else None
    return value if isinstance(value, str) else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_TEXT else f"{line[:_MAX_TEXT]}..."


def _headers(error: Exception) -> Mapping[str, str]:
    headers = getattr(getattr(error, "response", None), "headers", None)
    return headers if isinstance(headers, Mapping) else {}


def _asked_wait_s(headers: Mapping[str, str]) -> float | None:
    """Reads ``retry-after``: seconds or an HTTP date, or milliseconds in the header of that name."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
