"""A skill: what it does, where it works, how it was judged and where it came from."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Evidence", "Lineage", "Skill", "SkillStatus"]

SkillStatus = Literal["draft", "verified", "failed", "retired"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evidence(_Record):
    """What a skill showed on held-out episodes before it was stored."""

    first_seed: int
    """The held-out episodes have the seeds ``first_seed .. first_seed + num_episodes - 1``."""
    num_episodes: int
    success_rate: float | None
    """Share of successful episodes; none if the task has no success program."""
    success_interval: tuple[float, float] | None
    """95 % interval of the success rate."""
    fitness: float
    fitness_interval: tuple[float, float]
    """95 % interval of the mean fitness."""
    required_success_rate: float
    """The rate the task asks for."""
    training_timesteps: int
    """Env steps the whole run spent to make this skill."""
    wall_time_s: float
    judged_by: str = "code"
    """``code``: the programs of the task; else the name of the language model that said what a success is."""
    reasons: tuple[str, ...] = ()
    """What a model that judged said of each episode, in order."""


class Lineage(_Record):
    """Where a skill came from."""

    run_id: str
    task_text: str
    """The sentence a person typed."""
    planner: str
    proposer: str
    model: str
    """The language model that wrote the reward; ``none`` if no model did."""
    candidate_id: str
    generation: int
    parents: tuple[str, ...]


class Skill(_Record):
    """One version of one skill. Versions are never changed once stored."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    version: int = Field(ge=1)
    status: SkillStatus
    kind: Literal["policy", "program"] = "policy"
    description: str
    env_id: str
    task: str
    """Name of the card's task."""
    step_limit: int
    """Env steps after which the skill gives up."""
    card: str
    """SHA-256 of the env card (JSON) it was made and judged with: its env signature and its success test."""
    policy: str
    """SHA-256 of what acts: the policy's tensors, or the text of the program."""
    dependencies: tuple[str, ...] = ()
    """``name@version`` of each skill that a program calls."""
    parts: tuple[str, ...] = ()
    """``name@version`` of what must succeed within one episode, in this order; empty: the card's task judges."""
    reward_source: str
    """Source of the winning reward program; empty for a program."""
    reward_weights: dict[str, float]
    video: str | None = None
    """SHA-256 of the mp4."""
    evidence: Evidence
    lineage: Lineage
    created_at: str
    """UTC, ISO 8601."""

    @property
    def reference(self) -> str:
        """What this version is called: ``name@version``."""
        return f"{self.name}@{self.version}"
