"""Names of models: how a person writes them, and what is said about one that is wrong."""

import difflib
import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from skillwright.core.errors import ConfigError, NotFound
from skillwright.llm.providers import MODELS, PROVIDERS, Provider

__all__ = ["NONE", "ModelSpec", "parse_spec", "parse_specs"]

_FORMS: Final = "write PROVIDER:MODEL, such as openai:gpt-5-mini, vllm:MODEL@URL, replay:FILE, or none"
_V1: Final = "/v1"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's name, taken apart."""

    provider: str
    """Such as ``openai``."""
    model: str = ""
    """What the provider calls it; of ``replay`` the file; of ``none`` empty."""
    base_url: str | None = None
    """The server, if the person named one."""

    def __str__(self) -> str:
        if self == NONE:
            return "none"
        address = f"@{self.base_url}" if self.base_url else ""
        return f"{self.provider}:{self.model}{address}"

    @property
    def url(self) -> str | None:
        """The server to ask; none where the provider's package knows it."""
        if self.base_url or self.provider not in PROVIDERS:
            return self.base_url
        if self.provider == "ollama" and (host := os.environ.get("OLLAMA_HOST")):
            return _checked_url(host if "//" in host else f"http://{host}", f"OLLAMA_HOST={host}")
        return PROVIDERS[self.provider].default_url or None


NONE: Final = ModelSpec("none")
"""No model at all; every part of Skillwright works without one."""


def parse_specs(text: str) -> tuple[ModelSpec, ...]:
    """Takes a list of names apart.

    Args:
        text: names with commas between them; several share the work (see ``skillwright.llm.bandit``).

    Raises:
        ConfigError: a name is wrong, given twice, or ``none`` stands beside others.
        NotFound: there is no such provider.
    """
    specs = tuple(parse_spec(part) for part in text.split(","))
    for spec in specs:
        if specs.count(spec) > 1:
            raise ConfigError(f"the model {str(spec)!r} is named twice; name each once")
    if NONE in specs and len(specs) > 1:
        raise ConfigError("'none' means that no model is used; name it alone, or leave it out")
    return specs


def parse_spec(text: str) -> ModelSpec:
    """Takes a model's name apart.

    Args:
        text: ``none``, ``PROVIDER:MODEL``, ``replay:FILE`` or ``vllm:MODEL@URL``.

    Raises:
        ConfigError: the name is wrong; the text says what would be right.
        NotFound: there is no such provider.
    """
    name = text.strip()
    if name == "none":
        return NONE
    provider, colon, rest = name.partition(":")
    known = MODELS.names()
    if not colon or (provider not in known and rest.startswith("//")):
        raise _no_provider(name)
    if provider not in known:
        raise NotFound("provider of models", provider, known, f"in {_shown(name)}; there are {', '.join(known)}")
    if provider == "none":
        raise ConfigError(f"{_shown(name)}: 'none' stands alone, without a colon")
    return _taken_apart(name, provider, rest)


def _no_provider(name: str) -> ConfigError:
    if not name:
        return ConfigError(f"a model's name is empty; {_FORMS}")
    if "//" in name:
        return ConfigError(f"{_shown(name)} is an address; name the model too: vllm:MODEL@URL")
    if name in MODELS.names():
        what = f", such as {PROVIDERS[name].example}" if name in PROVIDERS else ""
        return ConfigError(f"{name!r} needs a model after it: {name}:MODEL{what}")
    close = difflib.get_close_matches(name, ["none", *MODELS.names()], n=1, cutoff=0.7)
    guess = f"; did you mean {close[0]!r}?" if close else ""
    return ConfigError(f"{name!r} does not say whose model it is{guess}; {_FORMS}")


def _taken_apart(name: str, provider: str, rest: str) -> ModelSpec:
    declared = PROVIDERS.get(provider)
    takes_url = declared is None or declared.takes_url
    if not takes_url and "@http" in rest:
        raise ConfigError(f"{_shown(name)}: {provider} has its own server and takes no address; write vllm:MODEL@URL")
    if takes_url and rest.endswith("@"):
        raise ConfigError(f"{_shown(name)}: no address follows the '@'")
    model, url = _split_address(rest) if takes_url else (rest, "")
    if not model:
        what = f", such as {declared.example}" if declared else ""
        raise ConfigError(f"{_shown(name)} names no model; write {_form(provider, declared)}{what}")
    if declared is not None and declared.must_have_url and not url:
        raise ConfigError(f"{_shown(name)} does not say where the server is; write {declared.example}")
    return ModelSpec(provider, model, _checked_url(url, name) if url else None)


def _split_address(rest: str) -> tuple[str, str]:
    """Splits at the ``@`` before the address; a model's own name may hold one, so may a wrong address."""
    at = rest.find("@http")
    if at < 0:
        model, _, url = rest.rpartition("@")
        return (model, url) if model or rest.startswith("@") else (rest, "")
    return rest[:at], rest[at + 1 :]


def _form(provider: str, declared: Provider | None) -> str:
    if provider == "replay":
        return "replay:FILE"
    return f"{provider}:MODEL@URL" if declared and declared.must_have_url else f"{provider}:MODEL"


def _checked_url(url: str, name: str) -> str:
    """Makes an address complete: a server named without a path is asked below ``/v1``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"{_shown(name)}: the address is wrong: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError(f"{_shown(name)}: the address must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigError(
            f"{_shown(name)}: an address holds no password, no '?' and no '#'; a key belongs into the environment"
        )
    return _written(parts, host, port)


def _written(parts: SplitResult, host: str, port: int | None) -> str:
    place = f"[{host}]" if ":" in host else host
    place = place if port is None else f"{place}:{port}"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/') or _V1}"


def _shown(name: str) -> str:
    """Quotes a name; what may be a password or a key in its address is left out."""
    head, slashes, rest = name.partition("//")
    rest, *query = rest.replace("#", "?").split("?")
    user, at, place = rest.rpartition("@")
    hidden = f"***@{place}" if at else user + place
    return repr(f"{head}{slashes}{hidden}{'?***' if query else ''}" if slashes else name)
