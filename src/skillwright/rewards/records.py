"""What an evolution writes into the journal, step by step; together the records rebuild the run."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "REFERENCE",
    "Candidate",
    "Checkpoint",
    "Contender",
    "CurvePoint",
    "EvolutionResult",
    "Generation",
    "Judgement",
    "Judgements",
    "Note",
    "Preference",
    "Program",
    "Proposal",
    "Reflection",
    "Screened",
    "Screening",
    "Trained",
    "TrainedShard",
]


REFERENCE: Final = "reference"
"""Candidate id of the reward program a person wrote; it is trained in the finals and ranks nowhere."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Program(_Record):
    """A reward program and the weights beside it."""

    source: str
    """Source of ``reward(s, a, n) -> dict of named terms``."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Weight of each named term; 1 where it is missing."""


class Proposal(_Record):
    """A reward program as its author hands it in."""

    operator: str
    """How it was made: ``fresh``, ``mutate``, ``crossover``, ``reweigh``, ``rewrite``, ``repair``, the name of another
    operator, or ``inherited`` from an earlier run."""
    author: str = ""
    """Who made it: ``search``, ``optuna``, a language model's spec, ``run RUN_ID``."""
    parents: tuple[str, ...] = ()
    """Ids of the candidates it was made from."""
    rationale: str = ""
    """Why this reward should produce the behaviour, in the proposer's words."""
    program: Program


class Preference(_Record):
    """A learned preference that counts beside every candidate's own terms."""

    model: str
    """SHA-256 of the preference model's artifact."""
    weight: float = Field(default=1.0, gt=0.0)
    """Of the term ``preference``; 1 is one deviation of the learned reward."""


class Candidate(Proposal):
    """A proposal under trial."""

    id: str
    """``g<generation>-c<index>``, unique in the run."""
    generation: int


class Screening(_Record):
    """Whether a candidate was worth training, and why not."""

    candidate_id: str
    accepted: bool
    reason: str = ""


class Screened(_Record):
    """What was proposed for one generation, and what of it is worth training."""

    candidates: list[Candidate]
    screenings: list[Screening]
    """One per candidate, in the same order."""

    @property
    def accepted(self) -> list[Candidate]:
        """The candidates worth training."""
        pairs = zip(self.candidates, self.screenings, strict=True)
        return [candidate for candidate, screening in pairs if screening.accepted]


class CurvePoint(_Record):
    """What training looked like over one stretch of env steps; means over the episodes that ended in it."""

    timesteps: int
    """Env steps of this candidate since its training began."""
    fitness: float | None = None
    """Mean fitness of the finished episodes; none if no episode ended."""
    success_rate: float | None = None
    reward: float
    """Mean reward per transition, before normalisation."""
    episode_length: float | None = None
    terms: dict[str, float] = Field(default_factory=dict)
    """Mean weighted contribution of each reward term per transition."""


class Judgement(_Record):
    """How a deterministic policy did on episodes with given seeds."""

    num_episodes: int
    success_rate: float | None
    """Share of successful episodes; none if the task has no success program."""
    success_interval: tuple[float, float] | None
    """95 % Wilson interval of the success rate."""
    fitness: float
    """Mean fitness."""
    fitness_interval: tuple[float, float]
    """95 % bootstrap interval of the mean fitness."""
    env_return: float
    """Mean sum of the environment's own reward."""
    episode_length: float
    """Mean length in env steps."""


class Trained(_Record):
    """One trained policy of one candidate."""

    candidate_id: str
    """Id of the candidate, or ``reference`` for the card's own reward program."""
    seed: int
    timesteps: int
    """Env steps spent."""
    policy: str | None
    """SHA-256 of the policy artifact; none if training failed."""
    curve: list[CurvePoint]
    judgement: Judgement | None
    """On the selection seeds; none if training failed."""
    failure: str = ""
    """Why the candidate was ended, if it was."""
    dropped: str = ""
    """Why it left the race early, if it did."""


class Checkpoint(_Record):
    """A shard in the middle of its training."""

    artifact: str
    """SHA-256 of its state; removed when a newer checkpoint or the result of the shard is journalled."""
    timesteps: int
    """Env steps so far, all its policies together."""


class TrainedShard(_Record):
    """What one worker returned."""

    trained: list[Trained]


class Judgements(_Record):
    """How several policies did on the same seeds."""

    judgements: list[Judgement]


class Reflection(_Record):
    """What one generation taught."""

    text: str
    """Markdown."""
    prompt: str
    """SHA-256 of the template it was written from."""


class Note(_Record):
    """What a person said about a generation."""

    text: str
    """Empty if they said nothing."""


class Generation(_Record):
    """One generation, whole."""

    index: int
    candidates: list[Candidate]
    screenings: list[Screening]
    trained: list[Trained]
    reflection: str = ""
    """What happened, in Markdown: the text a proposer reads before the next generation."""


class Contender(_Record):
    """A policy in the play-off for the skill."""

    candidate_id: str
    seed: int
    """Of its training."""
    policy: str
    """SHA-256 of the policy artifact."""
    judgement: Judgement
    """On the play-off's seeds."""


class EvolutionResult(_Record):
    """An evolution, whole: what the report shows and the library stores the winner from."""

    generations: list[Generation]
    finals: list[Trained]
    """Finalists retrained on fresh seeds, and the reference reward with the same budget."""
    play_off: list[Contender]
    """The best policies of all, once more, best first."""
    ranking: list[str]
    """Ids of all trained candidates: the finalists by the bound over their seeds, then the others by fitness."""
    winner: Candidate
    """The candidate whose policy won the play-off."""
    winner_policy: str
    """SHA-256 of the policy that won the play-off."""
    held_out: Judgement
    """The winning policy on the held-out seeds."""
    reference_held_out: Judgement | None
    """The best policy of the reference reward on the same seeds; none if the task has no reference."""
    total_timesteps: int
    """Env steps spent on all training."""
