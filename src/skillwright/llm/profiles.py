"""Which model works in which role: what the person typed, then the environment, then an agent profile."""

import os
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from skillwright.core.content import find_content, list_content
from skillwright.core.errors import ConfigError, NotFound
from skillwright.core.yaml_file import read_yaml
from skillwright.llm.ledger import Limits
from skillwright.llm.spec import NONE, ModelSpec, parse_specs

__all__ = [
    "PRICES",
    "AgentProfile",
    "Budget",
    "Role",
    "RoleChoice",
    "RoleProfile",
    "choose_role",
    "list_profiles",
    "load_profile",
]

Role = Literal["planner", "rewarder", "coder", "verifier", "curriculum"]
"""What a model can work as: it splits a task, writes rewards, writes skills as programs, judges, or invents tasks."""

MODEL_VARIABLE: Final = "SKILLWRIGHT_MODEL"
DEFAULT_PROFILE: Final = "default"
PRICES: Final = "prices.yaml"
"""The file of ``agents/`` that is no profile."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Budget(_Part):
    """What a role may spend in one run; none: no limit of its own."""

    max_usd: float | None = Field(default=None, ge=0)
    max_tokens: int | None = Field(default=None, ge=0)
    """Tokens of questions and replies together."""

    @property
    def limits(self) -> Limits:
        """The same for the ledger, as one of its ``role_limits``."""
        return Limits(max_usd=self.max_usd, max_tokens=self.max_tokens)


class RoleProfile(_Part):
    """How one role is filled."""

    model: str = "none"
    """A model's name; several with commas between them share the work."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """None: what the provider does by itself."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Most tokens of one reply; none: what the question says."""
    budget: Budget = Budget()

    @field_validator("model")
    @classmethod
    def _is_a_name(cls, text: str) -> str:
        try:
            parse_specs(text)
        except (ConfigError, NotFound) as error:
            raise ValueError(str(error)) from None
        return text


class AgentProfile(_Part):
    """Who works on a task: a file in ``agents/``."""

    description: str = ""
    """What the profile is good for, in a sentence."""
    roles: Mapping[Role, RoleProfile] = Field(default_factory=dict)
    """A role that is not named has no model."""


class RoleChoice(NamedTuple):
    """How a role is filled in this run."""

    models: tuple[ModelSpec, ...]
    """At least one; ``NONE`` alone: no model."""
    source: str
    """Who chose them: ``--model``, ``SKILLWRIGHT_MODEL``, the profile, or ``default``."""
    settings: RoleProfile
    """Temperature and limits; its ``model`` is the profile's, even where another was chosen."""


def list_profiles() -> list[str]:
    """Lists the names of the agent profiles that are found, sorted."""
    return [str(PurePosixPath(name).with_suffix("")) for name in list_content("agents", ".yaml") if name != PRICES]


def load_profile(name: str = DEFAULT_PROFILE) -> AgentProfile:
    """Reads an agent profile.

    Args:
        name: its path below ``agents/``, without ``.yaml``.

    Raises:
        NotFound: there is no such profile.
        ConfigError: the file has a mistake; with file and line.
    """
    profiles = list_profiles()
    if name not in profiles:
        raise NotFound("agent profile", name, profiles, f"there are {', '.join(profiles) or 'none'}")
    return read_yaml(find_content("agents", f"{name}.yaml"), AgentProfile)


def choose_role(role: Role, *, typed: str | None = None, profile: str = DEFAULT_PROFILE) -> RoleChoice:
    """Chooses the models of one role.

    What was typed counts first, then the environment, then the profile; where none of them names a model, there is
    none, and Skillwright works without.

    Args:
        role: the role.
        typed: what the person gave as ``--model``; none or empty: nothing.
        profile: name of the agent profile; its temperature and limits hold for any model.

    Raises:
        ConfigError: a name or the profile is wrong.
        NotFound: there is no such provider or profile.
    """
    settings = load_profile(profile).roles.get(role)
    environment = os.environ.get(MODEL_VARIABLE, "")
    named = [("--model", typed or ""), (MODEL_VARIABLE, environment)]
    if settings is not None:
        named.append((f"agents/{profile}.yaml", settings.model))
    for source, text in named:
        if text.strip():
            return RoleChoice(_parsed(text, source), source, settings or RoleProfile())
    return RoleChoice((NONE,), "default", RoleProfile())


def _parsed(text: str, source: str) -> tuple[ModelSpec, ...]:
    try:
        return parse_specs(text)
    except (ConfigError, NotFound) as error:
        error.add_note(f"This name came from {source}.")
        raise
