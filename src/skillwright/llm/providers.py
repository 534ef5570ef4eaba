"""Who serves models: the providers Skillwright knows, what each needs, and those that plugins add."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, Protocol

from skillwright.core.registry import Registry

if TYPE_CHECKING:
    from skillwright.llm.chat import ChatModel
    from skillwright.llm.langchain_request import Abilities
    from skillwright.llm.spec import ModelSpec

__all__ = ["MODELS", "PROVIDERS", "ModelFactory", "Provider"]


class ModelFactory(Protocol):
    """What a provider is registered as."""

    def __call__(self, spec: "ModelSpec", abilities: "Abilities") -> "ChatModel":
        """Makes a model; nothing is sent yet.

        Args:
            spec: the model's name, taken apart.
            abilities: what it was found to be able to do.

        Raises:
            MissingExtra: a package it needs is not installed.
            ModelUnavailable: something else is missing, such as a key or a file.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider that is built in."""

    example: str
    """A whole model name."""
    packages: tuple[str, ...] = ("langchain-openai",)
    """Distributions it needs beside ``langchain``."""
    langchain_name: str = ""
    """What ``init_chat_model`` calls it; empty: it has no model of LangChain's."""
    key_variable: str = ""
    """Environment variable that holds its key; empty: it needs none of its own."""
    default_url: str = ""
    """Where its server is, if the name does not say; empty: the provider's package knows."""
    takes_url: bool = False
    """Whether ``@URL`` may follow the model."""
    must_have_url: bool = False

    @property
    def missing_packages(self) -> tuple[str, ...]:
        """Those of its packages, LangChain's own among them, that are not installed."""
        wanted = ("langchain", *self.packages) if self.langchain_name else self.packages
        return tuple(name for name in wanted if not _is_installed(name))

    @property
    def install_line(self) -> str:
        """The command that installs what it needs."""
        extra = [name for name in self.packages if name != "langchain-openai"]
        return " ".join(["pip install 'skillwright[models]'", *extra])

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine and nothing has to be paid."""
        return not self.langchain_name


def _is_installed(distribution: str) -> bool:
    try:
        return bool(version(distribution))
    except PackageNotFoundError:
        return False


def _hosted(langchain_name: str, model: str, package: str, key_variable: str) -> Provider:
    return Provider(
        example=f"{langchain_name}:{model}",
        packages=(package,),
        langchain_name=langchain_name,
        key_variable=key_variable,
    )


PROVIDERS: Final[Mapping[str, Provider]] = {
    "none": Provider(example="none", packages=()),
    "replay": Provider(example="replay:FILE", packages=()),
    "openai": _hosted("openai", "gpt-5-mini", "langchain-openai", "OPENAI_API_KEY"),
    "anthropic": _hosted("anthropic", "claude-sonnet-4-5", "langchain-anthropic", "ANTHROPIC_API_KEY"),
    "ollama": Provider(
        example="ollama:qwen3:8b",
        langchain_name="openai",  # Ollama speaks OpenAI's protocol below /v1, so no package of its own is needed
        default_url="http://localhost:11434/v1",
        takes_url=True,
    ),
    "vllm": Provider(
        example="vllm:Qwen/Qwen3-8B@http://localhost:8000/v1",
        langchain_name="openai",
        takes_url=True,
        must_have_url=True,
    ),
    "google_genai": _hosted("google_genai", "gemini-2.5-flash", "langchain-google-genai", "GOOGLE_API_KEY"),
    "mistralai": _hosted("mistralai", "mistral-large-latest", "langchain-mistralai", "MISTRAL_API_KEY"),
    "groq": _hosted("groq", "llama-3.3-70b-versatile", "langchain-groq", "GROQ_API_KEY"),
    "deepseek": _hosted("deepseek", "deepseek-chat", "langchain-deepseek", "DEEPSEEK_API_KEY"),
    "xai": _hosted("xai", "grok-4", "langchain-xai", "XAI_API_KEY"),
    "cohere": _hosted("cohere", "command-a-03-2025", "langchain-cohere", "COHERE_API_KEY"),
    "fireworks": _hosted("fireworks", "accounts/fireworks/models/MODEL", "langchain-fireworks", "FIREWORKS_API_KEY"),
    "together": _hosted("together", "ORGANISATION/MODEL", "langchain-together", "TOGETHER_API_KEY"),
    "openrouter": _hosted("openrouter", "ORGANISATION/MODEL", "langchain-openrouter", "OPENROUTER_API_KEY"),
    "azure_openai": _hosted("azure_openai", "DEPLOYMENT", "langchain-openai", "AZURE_OPENAI_API_KEY"),
    "bedrock_converse": _hosted("bedrock_converse", "MODEL_ID", "langchain-aws", ""),
    "google_vertexai": _hosted("google_vertexai", "gemini-2.5-flash", "langchain-google-vertexai", ""),
}
"""Name in front of the colon -> provider. ``vllm`` stands for any server that speaks OpenAI's protocol."""


def _factory(name: str) -> str:
    own = {"none": "make_none", "replay": "make_replay"}
    return f"skillwright.llm.models:{own.get(name, 'make_langchain')}"


MODELS: Final[Registry[ModelFactory]] = Registry(
    "provider of models", "skillwright.models", {name: _factory(name) for name in PROVIDERS}
)
"""Built-in providers and those of plugins, which declare a ``ModelFactory`` in the group ``skillwright.models``."""
