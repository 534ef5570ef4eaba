"""What a language model is told of a world, and what it is not."""

import math

import pytest

from skillwright.envs.card import FieldSpec
from skillwright.envs.catalog import find_card, list_cards
from skillwright.envs.describing import describe_card


def rows(text: str) -> dict[str, list[str]]:
    """The cells of every table row that begins with a name."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in lines}


@pytest.mark.parametrize("card", list_cards(), ids=lambda card: card.id)
def test_every_name_a_program_can_use_has_a_row_with_its_meaning(card):
    told = rows(describe_card(card))
    parts = {**card.fields, **card.actions.components}
    assert list(told) == list(parts)
    for name, part in parts.items():
        assert told[name][-1].startswith(" ".join(part.meaning.split()))


@pytest.mark.parametrize("card", list_cards(), ids=lambda card: card.id)
def test_nothing_that_judges_is_told(card):
    text = describe_card(card)
    for task in card.tasks.values():
        lines = [line.strip() for line in f"{task.success}\n{task.fitness}".splitlines()]
        assert [line for line in lines if len(line) > 20 and line in text] == []
        assert task.reference is None or task.reference not in text


def test_tasks_are_left_to_whoever_asks():
    card = find_card("LunarLander-v3")
    assert card.tasks["hover"].text not in describe_card(card)


def test_units_ranges_roles_and_bounds_stand_beside_the_names():
    told = rows(describe_card(find_card("Pendulum-v1")))
    assert told["angular_velocity"][:4] == ["(batch,)", "rad/s", "-8 to 8", "angular_velocity"]
    assert told["torque"][:2] == ["N m", "-2 to 2"]


def test_a_derived_angle_says_what_it_is_computed_from():
    assert rows(describe_card(find_card("Pendulum-v1")))["angle"][-1].endswith("Computed as arctan2(sin, cos).")


def test_a_distance_says_what_it_is_the_distance_of():
    card = find_card("CartPole-v1")
    gap = FieldSpec(distance_of=("x", "angle"), unit="m", range=(0, 1), role="position", meaning="The gap.")
    told = rows(describe_card(card.model_copy(update={"fields": {**card.fields, "gap": gap}})))
    assert told["gap"][0] == "(batch,)"
    assert told["gap"][-1] == "The gap. Computed as the distance of x and angle."


def test_choices_are_said_to_be_indicators():
    assert "1 where this choice was made and 0 elsewhere" in describe_card(find_card("CartPole-v1"))
    assert "1 where this choice was made" not in describe_card(find_card("Pendulum-v1"))


def test_the_horizon_is_told():
    assert "at most 1,000 steps" in describe_card(find_card("Ant-v5"))


def test_a_field_of_several_dimensions_says_how_many():
    assert rows(describe_card(find_card("Ant-v5")))["body_contact"][0] == "(batch, 6)"


@pytest.mark.parametrize(
    ("bounds", "written"),
    [
        ((-math.inf, math.inf), "unbounded"),
        ((-math.inf, 2.0), "up to 2"),
        ((0.5, math.inf), "0.5 and more"),
        ((-0.25, 1e6), "-0.25 to 1e+06"),
    ],
)
def test_a_bound_that_does_not_exist_is_said_in_words(bounds, written):
    card = find_card("CartPole-v1")
    field = FieldSpec(index=0, unit="m", range=bounds, role="position", meaning="Where it is.")
    assert rows(describe_card(card.model_copy(update={"fields": {"x": field}})))["x"][2] == written


def test_a_meaning_cannot_break_the_table():
    card = find_card("CartPole-v1")
    field = FieldSpec(index=0, unit="m", range=(0, 1), role="position", meaning="Its size |x|,\nas a length.")
    [line] = [
        line
        for line in describe_card(card.model_copy(update={"fields": {"x": field}})).splitlines()
        if line.startswith("| `x`")
    ]
    assert line.endswith("| Its size \\|x\\|, as a length. |")
