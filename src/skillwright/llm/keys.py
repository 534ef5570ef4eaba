"""Keys of model providers: found in the environment or the system's keyring, and kept out of every text."""

import os
import re
from typing import Final, Literal, NamedTuple
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from skillwright.core.tracing import hide
from skillwright.llm.providers import PROVIDERS
from skillwright.llm.spec import ModelSpec

__all__ = ["NO_KEY", "FoundKey", "KeySource", "find_key", "key_advice", "key_variables", "redact"]

KeySource = Literal["environment", "keyring"]

_PREFIX: Final = "SKILLWRIGHT_KEY_"
_SERVICE: Final = "skillwright"
_SHORTEST: Final = 6
"""Characters below which a key is too common a text to be searched for."""

NO_KEY: Final = SecretStr("none")
"""Sent to a server that wants none; without it, OpenAI's SDK would send it the key from OPENAI_API_KEY."""


class FoundKey(NamedTuple):
    """A key and where it was found."""

    secret: SecretStr
    source: KeySource
    name: str
    """The environment variable, or the name in the keyring."""


def key_variables(spec: ModelSpec) -> tuple[str, ...]:
    """Names the environment variables that may hold a model's key, the first that is set counts.

    A server named by its address never gets the key of a provider: only a variable that names its host does.

    Args:
        spec: the model.

    Example:
        >>> key_variables(ModelSpec("openai", "gpt-5"))
        ('OPENAI_API_KEY',)
        >>> key_variables(ModelSpec("vllm", "m", "http://localhost:8000/v1"))
        ('SKILLWRIGHT_KEY_LOCALHOST_8000', 'SKILLWRIGHT_KEY_LOCALHOST')
    """
    if spec.url:
        parts = urlsplit(spec.url)
        host = _as_variable(parts.hostname or "")
        return (f"{host}_{parts.port}", host) if parts.port else (host,)
    declared = PROVIDERS.get(spec.provider)
    if declared is None:
        return (_as_variable(spec.provider),)
    return (declared.key_variable,) if declared.key_variable else ()


def find_key(spec: ModelSpec) -> FoundKey | None:
    """Finds the key of a model: first in the environment, then in the system's keyring.

    In the keyring it is the password of the service ``skillwright`` for the name of the environment variable, as
    ``keyring set skillwright OPENAI_API_KEY`` puts it there.

    Args:
        spec: the model.
    """
    names = key_variables(spec)
    for name in names:
        if value := os.environ.get(name, "").strip():
            hide(value)
            return FoundKey(SecretStr(value), "environment", name)
    for name in names:
        if value := _from_keyring(name):
            hide(value)
            return FoundKey(SecretStr(value), "keyring", name)
    return None


def key_advice(spec: ModelSpec) -> str:
    """Says how to give a model its key; empty for one that needs none of Skillwright.

    Args:
        spec: the model.
    """
    names = key_variables(spec)
    return f"set {names[0]}, or store it with: keyring set {_SERVICE} {names[0]}" if names else ""


def redact(text: str, key: SecretStr | None) -> str:
    """Takes a key out of a text that somebody else wrote, such as a server's error.

    Args:
        text: the text.
        key: what must not be in it; none or very short: nothing is taken out.
    """
    secret = key.get_secret_value() if key is not None else ""
    if len(secret) < _SHORTEST:
        return text
    for form in (secret, quote(secret, safe="")):
        text = text.replace(form, "[key]")
    return text


def _as_variable(name: str) -> str:
    return _PREFIX + re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")


def _from_keyring(name: str) -> str:
    try:
        import keyring
    except ImportError:
        return ""
    try:
        return (keyring.get_password(_SERVICE, name) or "").strip()
    except Exception:  # a backend raises what it likes, and a machine without a keyring is no mistake
        return ""
