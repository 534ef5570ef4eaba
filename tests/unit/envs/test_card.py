import numpy as np
import pytest
from pydantic import ValidationError

from skillwright.envs.card import ActionComponent, ActionSpec, EnvCard, FieldSpec, TaskSpec
from skillwright.envs.transitions import StateView

POSITION = FieldSpec(index=0, unit="m", range=(-1.0, 1.0), role="position", meaning="Where it is.")
ACTIONS = ActionSpec(kind="discrete", components={"stay": ActionComponent(meaning="Nothing happens.")})
TASK = TaskSpec(text="Stay.", fitness="def fitness(s, a, n):\n    return 0.0\n")


def card(fields: dict[str, FieldSpec], tasks: dict[str, TaskSpec] | None = None) -> EnvCard:
    return EnvCard(
        id="tests/Line-v0",
        description="A line.",
        gymnasium_id="Line-v0",
        horizon=10,
        observation_size=3,
        fields=fields,
        actions=ACTIONS,
        tasks={"stay": TASK} if tasks is None else tasks,
    )


def field(**changes: object) -> FieldSpec:
    return FieldSpec.model_validate(POSITION.model_dump() | changes)


def test_a_field_of_one_position_is_scalar() -> None:
    spec = field(index=2)
    assert (spec.start, spec.stop, spec.is_scalar) == (2, 3, True)


def test_a_field_of_a_slice_is_not_scalar() -> None:
    spec = field(index=(1, 3))
    assert (spec.start, spec.stop, spec.is_scalar) == (1, 3, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"index": None},
        {"angle_of": ("sin", "cos")},
        {"index": -1},
        {"index": (2, 2)},
        {"range": (1.0, 1.0)},
        {"role": "colour"},
        {"units": "m"},
    ],
    ids=str,
)
def test_a_field_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        field(**changes)


def test_a_field_may_not_reach_beyond_the_observation() -> None:
    with pytest.raises(ValidationError, match=r"fields\.far: .* outside the observation's 3 values"):
        card({"far": field(index=(1, 4))})


def test_an_angle_needs_its_sine_and_cosine_among_the_fields() -> None:
    angle = field(index=None, angle_of=("sin", "cos"))
    with pytest.raises(ValidationError, match="names 'cos'"):
        card({"sin": POSITION, "angle": angle})


def test_an_angle_may_be_derived_from_two_fields() -> None:
    made = card({"sin": POSITION, "cos": field(index=1), "angle": field(index=None, angle_of=("sin", "cos"))})
    assert made.fields["angle"].is_scalar


@pytest.mark.parametrize("name", ["terminated", "truncated", "env_reward"])
def test_the_names_of_the_outcome_are_reserved(name: str) -> None:
    with pytest.raises(ValidationError, match="reserved"):
        card({name: POSITION})


@pytest.mark.parametrize("name", ["X", "1st", "_x", "leg-1", ""])
def test_a_name_that_programs_cannot_use_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        card({name: POSITION})


def test_a_card_without_tasks_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one task"):
        card({"x": POSITION}, tasks={})


def test_an_action_space_without_components_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one component"):
        ActionSpec(kind="discrete", components={})


def test_a_distance_names_two_fields_of_one_size() -> None:
    hand, goal = field(index=(0, 2)), field(index=(1, 3))
    spec = field(index=None, distance_of=("hand", "goal"))
    assert card({"hand": hand, "goal": goal, "away": spec}).fields["away"].is_scalar
    with pytest.raises(ValidationError, match=r"fields\.away: distance_of names 'gaol', which is not a field"):
        card({"hand": hand, "gaol_": goal, "away": field(index=None, distance_of=("hand", "gaol"))})
    with pytest.raises(ValidationError, match=r"fields\.away: distance_of names fields of different sizes"):
        card({"hand": hand, "goal": field(index=2), "away": spec})


def test_a_distance_is_computed_from_its_fields() -> None:
    world = card(
        {"hand": field(index=(0, 1)), "x": field(index=0), "y": field(index=2), "plane": field(index=(1, 3))}
        | {
            "apart": field(index=None, distance_of=("x", "y")),
            "far": field(index=None, distance_of=("plane", "plane2")),
            "plane2": field(index=(0, 2)),
        }
    )
    seen = StateView("the state", world, np.array([[1, 4, 8], [3, 0, 3]], np.float32), {})
    assert seen.column("apart").tolist() == [7, 0]
    assert np.allclose(seen.column("far"), [5, np.sqrt(18)])


def test_a_world_must_be_made_by_gymnasium_or_envpool() -> None:
    world = card({"x": POSITION})
    without = world.model_dump() | {"gymnasium_id": None}
    assert EnvCard.model_validate(without | {"envpool_id": "Line-v0"}).gymnasium_id is None
    with pytest.raises(ValidationError, match="needs the key 'gymnasium_id', or 'envpool_id'"):
        EnvCard.model_validate(without)
