"""Models by name: every kind comes through one door, built in or brought by a plugin."""

from pathlib import Path

from skillwright.core.errors import ModelUnavailable
from skillwright.core.home import Home
from skillwright.llm.chat import ChatModel, Question, Replies, Stream
from skillwright.llm.keys import find_key, key_advice
from skillwright.llm.langchain_model import LangChainModel
from skillwright.llm.langchain_request import Abilities
from skillwright.llm.providers import MODELS, PROVIDERS
from skillwright.llm.remembering import remembered_abilities
from skillwright.llm.spec import ModelSpec

__all__ = ["NoModel", "make_langchain", "make_model", "make_none", "make_replay"]


def make_model(spec: ModelSpec, *, home: Home | None = None, abilities: Abilities | None = None) -> ChatModel:
    """Makes a model; nothing is sent yet.

    Args:
        spec: its name, taken apart.
        home: where earlier checks of the model are remembered, so that it is asked in the way it understands.
        abilities: what it can do, where the caller knows better than ``home``.

    Raises:
        NotFound: there is no such provider.
        MissingExtra: LangChain is not installed.
        ModelUnavailable: a package, a key or a file is missing; the text says how to get it.
    """
    known = abilities or (remembered_abilities(home, spec) if home is not None else Abilities())
    return MODELS.resolve(spec.provider)(spec, known)


class NoModel:
    """Is what ``none`` names: it answers nothing, and whoever has it works without a model."""

    spec = "none"
    max_samples = 1

    def ask(self, question: Question, num_samples: int, *, seed: int, timeout_s: float, stream: Stream) -> Replies:
        """Refuses.

        Raises:
            ModelUnavailable: always.
        """
        raise ModelUnavailable("no model is chosen; name one with --model, SKILLWRIGHT_MODEL or an agent profile")


def make_none(spec: ModelSpec, abilities: Abilities) -> ChatModel:
    """Makes the model that is none; see ``ModelFactory``."""
    return NoModel()


def make_replay(spec: ModelSpec, abilities: Abilities) -> ChatModel:
    """Makes a model that repeats recorded replies; see ``ModelFactory``."""
    from skillwright.llm.replay import ReplayModel

    return ReplayModel.open(Path(spec.model).expanduser())


def make_langchain(spec: ModelSpec, abilities: Abilities) -> ChatModel:
    """Makes a model of any provider that LangChain knows; see ``ModelFactory``."""
    provider = PROVIDERS[spec.provider]
    if missing := provider.missing_packages:
        raise ModelUnavailable(f"{spec} needs {' and '.join(missing)}; run: {provider.install_line}")
    found = find_key(spec)
    if found is None and provider.key_variable:
        raise ModelUnavailable(f"{spec} needs a key: {key_advice(spec)}")
    return LangChainModel(
        spec=str(spec),
        provider=provider.langchain_name,
        model=spec.model,
        base_url=spec.url,
        api_key=found.secret if found else None,
        abilities=abilities,
    )
