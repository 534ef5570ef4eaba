"""What models are at hand: providers, servers that answer, and prices."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from skillwright.core.errors import UserError
from skillwright.core.home import Home
from skillwright.llm.keys import find_key, key_advice
from skillwright.llm.prices import ListedPrice, PriceList
from skillwright.llm.profiles import MODEL_VARIABLE, list_profiles, load_profile
from skillwright.llm.providers import MODELS, PROVIDERS
from skillwright.llm.remembering import KnownModel, known_models
from skillwright.llm.served_models import ServedModel, ask_server
from skillwright.llm.spec import ModelSpec, parse_spec, parse_specs

__all__ = ["ModelListing", "ProviderRow", "ServerRow", "list_models"]

KeyState = Literal["environment", "keyring", "missing", "not needed"]

_USUAL_SERVERS: Final = (
    "http://localhost:8000/v1",  # vLLM
    "http://localhost:8080/v1",  # llama.cpp
    "http://localhost:1234/v1",  # LM Studio
)
_TIMEOUT_S: Final = 1.0


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProviderRow(_Row):
    """A provider."""

    name: str
    example: str
    """A whole model name."""
    is_installed: bool
    install: str
    """The line that installs what is missing, or what is wrong with a plugin; empty if nothing is."""
    key: KeyState
    """Where its key was found; the key itself is nowhere."""
    key_variable: str
    """Name of the key, in the environment or the keyring; empty if it needs none."""


class ServerRow(_Row):
    """A server that answered."""

    url: str
    models: tuple[ServedModel, ...]
    problem: str
    """Why it did not tell its models; empty if it did."""
    naming: str
    """How a model of this server is named: ``ollama:MODEL``, or ``vllm:MODEL@URL``."""


class ModelListing(_Row):
    """What is at hand."""

    providers: tuple[ProviderRow, ...]
    servers: tuple[ServerRow, ...]
    """Only those that answered."""
    prices: dict[str, ListedPrice]
    """US dollars per million tokens, by the model's name."""
    checked: dict[str, KnownModel]
    """What earlier checks found, by the model's name."""


def list_models(home: Home, *, servers: Sequence[str] = ()) -> ModelListing:
    """Looks what is at hand: at installed packages, the environment, and servers on this machine.

    Args:
        home: where earlier checks are remembered.
        servers: addresses to look at beside the usual ones and those that are named somewhere.

    Raises:
        ConfigError: an address, a profile or the list of prices has a mistake.
    """
    return ModelListing(
        providers=tuple(_provider_row(name) for name in _sorted_names()),
        servers=tuple(_answering(servers)),
        prices=dict(sorted(PriceList.read().listed.items())),
        checked=known_models(home),
    )


def _sorted_names() -> list[str]:
    """Puts built-in providers first, in their own order."""
    return [*PROVIDERS, *(name for name in MODELS.names() if name not in PROVIDERS)]


def _provider_row(name: str) -> ProviderRow:
    provider = PROVIDERS.get(name)
    if provider is None:
        return _plugin_row(name)
    missing = provider.missing_packages
    return ProviderRow(
        name=name,
        example=provider.example,
        is_installed=not missing,
        install=provider.install_line if missing else "",
        key=_key_of(parse_spec(provider.example)) if provider.key_variable else "not needed",
        key_variable=provider.key_variable,
    )


def _plugin_row(name: str) -> ProviderRow:
    try:
        MODELS.resolve(name)
        problem = ""
    except UserError as error:
        problem = str(error)
    return ProviderRow(
        name=name, example=f"{name}:MODEL", is_installed=not problem, install=problem, key="not needed", key_variable=""
    )


def _key_of(spec: ModelSpec) -> KeyState:
    found = find_key(spec)
    return found.source if found else "missing"


def _answering(extra: Sequence[str]) -> Iterable[ServerRow]:
    specs = list(dict.fromkeys([*_asked_for(extra), *_named(), parse_spec("ollama:any"), *_asked_for(_USUAL_SERVERS)]))
    by_url = {spec.url: spec for spec in reversed(specs) if spec.url}
    with ThreadPoolExecutor(max_workers=len(by_url)) as pool:
        rows = pool.map(_server_row, [by_url[url] for url in sorted(by_url)])
    return [row for row in rows if row is not None]


def _asked_for(urls: Sequence[str]) -> list[ModelSpec]:
    return [parse_spec(f"vllm:any@{url}") for url in urls]


def _named() -> list[ModelSpec]:
    """Returns models that the environment or a profile names; a broken name is another command's to complain about."""
    texts = [os.environ.get(MODEL_VARIABLE, "")]
    texts += [role.model for name in list_profiles() for role in load_profile(name).roles.values()]
    specs: list[ModelSpec] = []
    for text in filter(str.strip, texts):
        specs += parse_specs(text)
    return specs


def _server_row(spec: ModelSpec) -> ServerRow | None:
    assert spec.url is not None
    found = find_key(spec)
    answer = ask_server(spec.url, found.secret if found else None, timeout_s=_TIMEOUT_S)
    if not answer.is_there or (not answer.models and answer.status != 200 and answer.status not in (401, 403)):
        return None
    pattern = "ollama:MODEL" if spec.provider == "ollama" and not spec.base_url else f"{spec.provider}:MODEL@{spec.url}"
    problem = answer.problem
    if answer.status in (401, 403) and not found:
        problem = f"it wants a key: {key_advice(spec)}"
    return ServerRow(url=spec.url, models=answer.models, problem=problem, naming=pattern)
