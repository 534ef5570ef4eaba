"""The env card: what a world is, in words and numbers. A model and a person read the same card."""

import keyword
import math
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from skillwright.core.value_names import VALUE_NAMES

__all__ = [
    "ActionComponent",
    "ActionSpec",
    "EnvCard",
    "FieldRole",
    "FieldSpec",
    "LearnerPreset",
    "Scalar",
    "TaskSpec",
]


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name programs can use: lower case, digits and underscores."""

_RESERVED: Final = VALUE_NAMES | {"terminated", "truncated", "env_reward"}
"""Names programs use for something else."""

Scalar = bool | int | float | str

FieldRole = Literal["position", "velocity", "angle", "angular_velocity", "contact", "sensor", "phase", "other"]
"""What a field measures; the search proposer builds its terms by it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldSpec(_Strict):
    """One named quantity of the state: a slice of the observation, or an angle or distance derived from two fields."""

    index: int | tuple[int, int] | None = None
    """Position in the observation, or ``[start, stop)`` for a field of several dimensions."""
    angle_of: tuple[str, str] | None = None
    """Names of the sine field and the cosine field this angle is computed from (arctan2)."""
    distance_of: tuple[str, str] | None = None
    """Names of two fields of the observation, of as many dimensions, whose Euclidean distance this is."""
    unit: str
    """SI unit, or ``"1"`` for a dimensionless quantity."""
    range: tuple[float, float]
    """Lowest and highest value met in practice; ``-.inf`` and ``.inf`` where there is no bound."""
    role: FieldRole
    """What the field measures."""
    meaning: str
    """One sentence: what it is, and where zero is."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if [self.index, self.angle_of, self.distance_of].count(None) != 2:
            raise ValueError("a field needs exactly one of 'index', 'angle_of' and 'distance_of'")
        if self.range[0] >= self.range[1]:
            raise ValueError("a range needs its lower bound first")
        if self.index is not None and not 0 <= self.start < self.stop:
            raise ValueError("an index is a position >= 0, or [start, stop) with start < stop")
        return self

    @property
    def start(self) -> int:
        """First position in the observation."""
        assert self.index is not None
        return self.index if isinstance(self.index, int) else self.index[0]

    @property
    def stop(self) -> int:
        """One past the last position in the observation."""
        assert self.index is not None
        return self.index + 1 if isinstance(self.index, int) else self.index[1]

    @property
    def is_scalar(self) -> bool:
        """Whether the field is one number per transition."""
        return not isinstance(self.index, tuple)


class ActionComponent(_Strict):
    """One named part of the action: one choice of a discrete action, one dimension of a continuous one."""

    unit: str = "1"
    """Unit of a continuous component."""
    range: tuple[float, float] = (0.0, 1.0)
    """Bounds of a continuous component; a choice is 0 or 1."""
    meaning: str
    """What this choice or dimension does."""


class ActionSpec(_Strict):
    """The action space with a name for each part, in the environment's order."""

    kind: Literal["discrete", "continuous"]
    """``discrete``: one of the components is chosen. ``continuous``: a number for each component."""
    components: Mapping[Name, ActionComponent]
    """The parts, in the environment's order."""

    @field_validator("components")
    @classmethod
    def _is_not_empty(cls, value: Mapping[str, ActionComponent]) -> Mapping[str, ActionComponent]:
        if not value:
            raise ValueError("an action space needs at least one component")
        return value

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        for name, component in self.components.items():
            low, high = component.range
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ValueError(f"the range of {name} must be finite, its lower bound first")
        return self

    @property
    def size(self) -> int:
        """Number of choices, or number of dimensions."""
        return len(self.components)

    @property
    def bounds(self) -> tuple[list[float], list[float]]:
        """Lowest and highest value of each component."""
        ranges = [component.range for component in self.components.values()]
        return [low for low, _ in ranges], [high for _, high in ranges]


class TaskSpec(_Strict):
    """One thing to achieve in the world, and the programs that judge whether it was achieved.

    ``success`` and ``fitness`` are called with one whole episode in time order; they are never shown to whoever
    writes rewards, and a reward program cannot call them.
    """

    text: str
    """The task in plain words."""
    success: str | None = None
    """Source of ``success(s, a, n) -> bool`` over one episode; none: only fitness can be measured."""
    fitness: str
    """Source of ``fitness(s, a, n) -> float`` over one episode; higher is better."""
    reference: str | None = None
    """Path below the root folder ``rewards/`` of the reward program a person wrote for this task."""
    required_success_rate: float = Field(default=0.9, ge=0.0, le=1.0)
    """Share of held-out episodes that must succeed before a skill counts as verified."""


class LearnerPreset(_Strict):
    """Which learner is good at this world, with which settings, and how long one candidate needs."""

    algorithm: str = "ppo"
    """Name of a registered learner."""
    total_timesteps: int = Field(default=200_000, gt=0)
    """Env steps in which one candidate with a good reward learns the task."""
    settings: Mapping[str, Scalar | list[int]] = Field(default_factory=dict)
    """Values of the learner's config that differ from its defaults."""
    final_settings: Mapping[str, Scalar | list[int]] = Field(default_factory=dict)
    """Values that differ from ``settings`` in the finals, where training is longer and bears larger batches."""


class EnvCard(_Strict):
    """A world as a model and a person read it."""

    id: str = Field(pattern=r"^[\w.-]+(/[\w.-]+)+$")
    """``family/Name-vN``."""
    description: str
    """The world in words: what is seen, what can be done, when an episode ends."""
    gymnasium_id: str | None = None
    """Id under which Gymnasium makes this world; none: only EnvPool has it."""
    envpool_id: str | None = None
    """Id under which EnvPool makes this world; none: only Gymnasium has it."""
    envpool_options: Mapping[str, Scalar] = Field(default_factory=dict)
    """What EnvPool is told beside the id and the horizon."""
    horizon: int = Field(gt=0)
    """Longest episode, in env steps."""
    step_s: float | None = Field(default=None, gt=0)
    """Seconds of the world's clock that a step takes; none: Gymnasium's world says it."""
    observation_size: int = Field(gt=0)
    """Length of the flat observation."""
    observation_keys: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The parts of an observation that comes as a dictionary, in the order in which they make the flat one; a part
    that is not named is left out. None: the observation comes flat."""
    fields: Mapping[Name, FieldSpec]
    """The quantities a program can name as ``s.NAME`` and ``n.NAME``."""
    actions: ActionSpec
    """What a program can name as ``a.NAME``."""
    tasks: Mapping[Name, TaskSpec]
    """What can be asked of an agent here."""
    learner: LearnerPreset = Field(default_factory=LearnerPreset)
    """How policies are trained here."""

    @model_validator(mode="after")
    def _fields_fit(self) -> Self:
        for name, field in self.fields.items():
            if field.index is not None and field.stop > self.observation_size:
                raise ValueError(
                    f"fields.{name}: index {field.index} is outside the observation's {self.observation_size} values"
                )
            for part in field.angle_of or ():
                if self._size(part) is None or not self.fields[part].is_scalar:
                    raise ValueError(
                        f"fields.{name}: angle_of names {part!r}, which is not a scalar field of the observation"
                    )
            self._check_distance(name, field.distance_of or ())
        for place, names in (("fields", self.fields), ("actions.components", self.actions.components)):
            for name in names:
                if name in _RESERVED or keyword.iskeyword(name):
                    raise ValueError(f"{place}.{name}: this name is reserved; values of programs have it of their own")
        if not self.tasks:
            raise ValueError("a card needs at least one task")
        return self

    def _check_distance(self, name: str, parts: tuple[str, ...]) -> None:
        for part in parts:
            if self._size(part) is None:
                raise ValueError(f"fields.{name}: distance_of names {part!r}, which is not a field of the observation")
        if len({self._size(part) for part in parts}) > 1:
            raise ValueError(f"fields.{name}: distance_of names fields of different sizes")

    def _size(self, name: str) -> int | None:
        """Gives the number of dimensions of a field; none if the observation has no such field."""
        field = self.fields.get(name)
        return None if field is None or field.index is None else field.stop - field.start

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        if self.gymnasium_id is None and self.envpool_id is None:
            raise ValueError("the card needs the key 'gymnasium_id', or 'envpool_id' where only EnvPool has the world")
        return self
