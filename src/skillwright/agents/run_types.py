"""What a run is asked for, what it plans, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from skillwright.envs import EnvCard
from skillwright.llm import Spending
from skillwright.rewards.records import EvolutionResult, Judgement
from skillwright.skills.skill import Skill

__all__ = ["ModelUse", "Plan", "RunRecord", "RunRequest", "SubTask"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RunRequest(_Record):
    """What a person asked for; stored with the run, so that resuming needs only its id."""

    text: str
    """The task as typed."""
    env: str
    """Id of the world as typed."""
    task: str | None = None
    """Name of the card's task; none: the planner chooses."""
    seed: int = 0
    num_candidates: int | None = None
    """Reward programs per generation; none: the program's default."""
    num_generations: int | None = None
    total_timesteps: int | None = None
    """Env steps of the whole run, all candidates together; none: from the card's preset."""
    num_workers: int | None = None
    """Worker processes; none: one per core."""
    device: str = "cpu"
    """Where networks are computed, as torch names it; ``auto`` is settled before the request is stored."""
    num_held_out: int = 100
    """Held-out episodes on which the winner is judged."""
    reuse: bool = True
    """Whether a verified skill of the library that was made for this very sentence may serve it."""
    is_own_task: bool = False
    """Whether the task is none of the card's: a model writes the programs that judge it."""
    is_confirmed: bool = False
    """Whether the person takes whatever the model understood by their task."""
    model: str | None = None
    """Names of language models as typed; none: the environment and the agent profile say."""
    profile: str = "default"
    """Name of the agent profile."""
    max_usd: float | None = None
    """Most money that models may cost in this run; none: no limit."""
    max_tokens: int | None = None
    """Most tokens that models may take in this run, of questions and replies together; none: no limit."""
    proposer: str | None = None
    """Who writes the rewards; none: a language model if there is one, else the search."""
    has_feedback: bool = False
    """Whether a person is asked after every generation what they think of its best policy."""
    preferences: str | None = None
    """Id of a preference model, or of the run whose clips it was learned from; none: the programs alone."""
    preference_weight: float = 1.0
    """Of the learned preference, in deviations of it; above 0."""
    from_run: str | None = None
    """Id of an earlier run whose best rewards are tried first."""
    has_reflection: bool = True
    """Whether proposers are told what earlier generations taught."""
    has_screens: bool = True
    """Whether programs are screened for more than that they run."""
    has_racing: bool = True
    """Whether hopeless candidates leave a generation's training early."""
    has_elites: bool = True
    """Whether parents come from all generations."""
    has_diversity: bool = True
    """Whether parents that want nearly the same as a better one are passed over."""


class SubTask(_Record):
    """One step of a plan."""

    text: str
    """The sub-task in plain words."""
    env_id: str
    task: str
    """Name of the card's task whose success and fitness judge it."""
    reuse: str | None = None
    """``name@version`` of the library skill that already serves it; none: a skill is made."""


class Plan(_Record):
    """How a sentence is turned into skills."""

    text: str
    planner: str
    """Name of the planner that made it."""
    sub_tasks: list[SubTask]
    rationale: str


class ModelUse(NamedTuple):
    """What one language model did in a run."""

    role: str
    model: str
    spending: Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A finished run, whole: what the report shows."""

    run_id: str
    request: RunRequest
    plan: Plan
    card: EnvCard
    """The world."""
    task_name: str
    """Name of the card's task that was solved."""
    evolution: EvolutionResult | None
    """How the skill was made; none if the library already had it."""
    skill: Skill
    """What was stored in the library, or taken from it."""
    held_out: Judgement
    """The skill on the held-out seeds."""
    reference_source: str | None
    """Source of the card's own reward program; none if the task has none."""
    video: Path | None
    """The mp4 of one episode; none if the world cannot be drawn."""
    wall_time_s: float
    """Seconds of work, over all sittings of the run."""
    models: tuple[ModelUse, ...]
    """What each language model was asked for, and what it cost."""
    notes: tuple[str, ...]
    """Which planner, proposer and model were in use, and the like."""
    versions: Mapping[str, str]
    """Version of each piece of software that made the result."""
