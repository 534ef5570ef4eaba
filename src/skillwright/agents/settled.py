"""A request with every default filled in, as the journal has it."""

from pydantic import BaseModel, ConfigDict, Field

from skillwright.agents.run_types import RunRequest
from skillwright.envs import EnvCard
from skillwright.llm.profiles import Role, RoleProfile
from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.records import Preference, Program, Proposal

__all__ = ["Settled"]


class Settled(BaseModel):
    """A request with every default filled in and the card as it was when the run began."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: RunRequest
    card: EnvCard
    references: dict[str, Program]
    """The reference reward of each task that has one."""
    evolution: EvolutionConfig
    """The size of the evolution, if one is needed."""
    roles: dict[Role, RoleProfile] = Field(default_factory=dict)
    """Every role that has a language model."""
    proposer: str = "search"
    """Name of whoever writes the rewards."""
    given: list[Proposal] = Field(default_factory=list)
    """Rewards that are tried first."""
    preference: Preference | None = None
    """Learned from beside every reward program."""
