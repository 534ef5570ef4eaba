"""What a run is asked for, what it plans, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from skillwright.envs import EnvCard
from skillwright.llm import Limits, Spending
from skillwright.rewards.records import EvolutionResult, Judgement
from skillwright.skills.skill import Skill

__all__ = ["OWN_WORDS", "Attempt", "Condition", "ModelUse", "Part", "Plan", "RunRecord", "RunRequest", "SubTask"]

OWN_WORDS: Final = "own words"
"""Stands for the task of a sub-task that no task of the card judges; no card can have a task of this name."""


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
    max_replans: int = 2
    """Times that a composite task is planned anew where its parts together fail."""
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
    keep_experience_mb: float | None = None
    """Most megabytes of candidates' episodes that are kept, of all runs together; none: nothing is kept."""
    from_experience: str | None = None
    """A run or dataset on whose episodes rewards are screened and policies begin; once the request is stored, the
    SHA-256 of what was gathered of it."""
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

    def limited(self, limits: Limits) -> Self:
        """Puts newer limits for models in the place of those it has.

        Args:
            limits: where it says nothing, the request's own stay.
        """
        newer = {"max_usd": limits.max_usd, "max_tokens": limits.max_tokens}
        return self.model_copy(update={name: value for name, value in newer.items() if value is not None})


class Condition(_Record):
    """What a field of the state must be for a sub-task to begin."""

    field: str
    component: int | None = None
    """Which part of a field of several dimensions, from 0; none: the field is one number."""
    at_least: float | None = None
    at_most: float | None = None

    def described(self) -> str:
        """Writes it as programs would."""
        name = self.field if self.component is None else f"{self.field}[{self.component}]"
        low = "" if self.at_least is None else f"{self.at_least:.4g} <= "
        high = "" if self.at_most is None else f" <= {self.at_most:.4g}"
        return f"{low}{name}{high}"


class SubTask(_Record):
    """One step of a plan."""

    text: str
    """The sub-task in plain words."""
    env_id: str
    task: str
    """Name of the card's task whose success and fitness judge it, or ``OWN_WORDS``."""
    reuse: str | None = None
    """``name@version`` of the library skill that already serves it; none: a skill is made."""
    id: str = ""
    """Unique in its plan; empty in plans of one sub-task that earlier versions made."""
    changes: tuple[str, ...] = ()
    """Fields of the card that it brings about."""
    start: str = ""
    """When it can begin, in words."""
    starts_where: tuple[Condition, ...] = ()
    """The same as bounds, where there are any; all of them must hold."""
    success: str = ""
    """When it is done, in words."""
    depends_on: tuple[str, ...] = ()
    """Ids of the sub-tasks after which it comes."""


class Plan(_Record):
    """How a sentence is turned into skills."""

    text: str
    planner: str
    """Name of the planner that made it."""
    sub_tasks: list[SubTask]
    """Whatever a sub-task depends on stands before it."""
    rationale: str


class ModelUse(NamedTuple):
    """What one language model did in a run."""

    role: str
    model: str
    spending: Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One sub-task of a run that has several, and the skill that does it."""

    sub_task: SubTask
    skill: Skill
    made: "RunRecord | None"
    """The run that made it; none if the library already had it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One plan of a composite task, carried out."""

    plan: Plan
    parts: tuple[Part, ...]
    """In the order in which they act."""
    outcome: str
    """How far they came together, in lines."""
    is_stored: bool
    """Whether this one became the skill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A finished run, whole: what the report shows."""

    run_id: str
    request: RunRequest
    plan: Plan
    card: EnvCard
    """The world."""
    task_name: str
    """Name of the card's task that was solved; of a composite task, its last part's."""
    evolution: EvolutionResult | None
    """How the skill was made; none if the library already had it, or if it is composed of others."""
    attempts: tuple[Attempt, ...] = ()
    """What was tried until a composite task was done, in order; empty if it is no composite task."""
    skill: Skill
    """What was stored in the library, or taken from it."""
    held_out: Judgement
    """The skill on the held-out seeds."""
    reference_source: str | None = None
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

    @property
    def parts(self) -> tuple[Part, ...]:
        """Of a composite task that was composed here, the parts of the skill."""
        return next((attempt.parts for attempt in self.attempts if attempt.is_stored), ())

    @property
    def is_reused(self) -> bool:
        """Whether the library already had the skill."""
        return self.evolution is None and not self.attempts
