"""What is journalled while somebody chooses between clips; together the records rebuild the session."""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "TARGETS",
    "Choice",
    "Clip",
    "FittedPreferences",
    "Footage",
    "Pair",
    "PairAccuracy",
    "Pairs",
    "Preferred",
    "Shot",
]

Preferred = Literal["a", "b", "equal", "skip"]
"""Which clip was the better one; ``equal``: neither; ``skip``: whoever chose could not tell, and nothing is learned."""

TARGETS: Final = {"a": 1.0, "b": 0.0, "equal": 0.5}
"""How probable a fit shall make it that clip a is preferred; a skipped pair has no target."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clip(_Record):
    """A segment of a recorded episode."""

    episode: str
    """SHA-256 of the episode's artifact, which holds its transitions."""
    start: int = Field(ge=0)
    """First transition."""
    stop: int
    """One past the last transition."""

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.start >= self.stop:
            raise ValueError("a clip needs at least one transition: start < stop")
        return self

    @property
    def num_transitions(self) -> int:
        """Length in env steps."""
        return self.stop - self.start


class Pair(_Record):
    """Two clips of one world, to be chosen between."""

    id: str
    """Unique in the session."""
    a: Clip
    b: Clip
    held_out: bool = False
    """Whether its choice measures the reward and is never fitted to."""


class Pairs(_Record):
    """The pairs of one batch, selected together."""

    pairs: list[Pair]


class Choice(_Record):
    """What somebody chose."""

    pair: Pair
    preferred: Preferred
    chooser: str
    """Who chose."""

    @property
    def target(self) -> float | None:
        """How probable a fit shall make it that clip a is preferred; none if the pair was skipped."""
        return TARGETS.get(self.preferred)


class Shot(_Record):
    """A recorded episode that clips can be cut from."""

    episode: str
    """SHA-256 of its artifact."""
    num_transitions: int
    held_out: bool
    """Whether its clips are for held-out pairs only."""


class Footage(_Record):
    """The recorded episodes of one session."""

    shots: list[Shot]
    clip_steps: int
    """Length of a clip in env steps; an episode that is shorter is a clip as a whole."""


class PairAccuracy(_Record):
    """How often the learned reward agrees with choices it was not fitted to."""

    num_pairs: int
    """Pairs in which one clip was preferred."""
    num_agreed: int
    """Those of them in which its predicted return is the higher one."""
    interval: tuple[float, float]
    """95 % Wilson interval of the share agreed."""

    @property
    def rate(self) -> float | None:
        """Share agreed; none without pairs."""
        return self.num_agreed / self.num_pairs if self.num_pairs else None


class FittedPreferences(_Record):
    """A reward learned from choices, and how well it is known."""

    model: str
    """SHA-256 of the model's artifact."""
    env_id: str
    """The world whose transitions it scores."""
    num_choices: int
    """Choices made, skipped ones included."""
    num_fitted: int
    """Choices it was fitted to."""
    held_out: PairAccuracy
    """On pairs that were drawn at random from episodes it was not fitted to."""
