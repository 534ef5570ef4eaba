"""Asking a server which models it has, by OpenAI's ``/models``; it costs nothing."""

import http.client
import time
from typing import Final, NamedTuple
from urllib.error import HTTPError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from skillwright.llm.keys import NO_KEY, redact

__all__ = ["ServedModel", "ServerAnswer", "ask_server"]

_MOST_BYTES: Final = 4_000_000
_MOST_TEXT: Final = 300


class ServedModel(BaseModel):
    """A model that a server has."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    """What the server calls it."""
    max_model_len: int | None = Field(
        default=None,
        validation_alias=AliasChoices("max_model_len", "context_length", "context_window", "max_context_length"),
    )
    """Tokens it can read and write together, where the server tells; this is vLLM's name of it."""


class ServerAnswer(NamedTuple):
    """What a server said."""

    is_there: bool
    """Whether anything answered at all."""
    models: tuple[ServedModel, ...]
    """Those it has, if it told."""
    status: int | None
    """HTTP status; none: nothing answered, or it was no HTTP."""
    problem: str
    """Why it did not tell; empty if it did."""
    seconds: float


class _Listing(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    data: tuple[ServedModel, ...]


def ask_server(url: str, key: SecretStr | None, *, timeout_s: float) -> ServerAnswer:
    """Asks a server for its models.

    Args:
        url: the server, such as ``http://localhost:8000/v1``.
        key: its key.
        timeout_s: seconds for connecting, and for each piece of the answer.
    """
    secret = (key or NO_KEY).get_secret_value()
    request = Request(f"{url}/models", headers={"authorization": f"Bearer {secret}", "accept": "application/json"})
    started = time.monotonic()
    is_there, status, problem, models = True, None, "", tuple[ServedModel, ...]()
    try:
        with _opener().open(request, timeout=timeout_s) as response:
            status = response.status
            models = _Listing.model_validate_json(response.read(_MOST_BYTES)).data
    except HTTPError as error:
        status, problem = error.code, f"HTTP {error.code} {error.reason}"
        error.close()
    except ValidationError:
        problem = "its answer is no list of models"
    except (OSError, http.client.HTTPException) as error:
        is_there, problem = False, str(getattr(error, "reason", "") or error) or type(error).__name__
    return ServerAnswer(is_there, models, status, redact(problem, key)[:_MOST_TEXT], time.monotonic() - started)


def _opener() -> OpenerDirector:
    """Makes what follows no redirect: the key would go along to another server."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
        opener.add_handler(handler)
    return opener
