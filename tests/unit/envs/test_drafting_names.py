"""How words about a value become a name, a unit and a role."""

import pytest

from skillwright.envs.drafting_docs import Entry
from skillwright.envs.drafting_names import as_name, named_by_words, unique


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("Cart Position", "", ("cart_position", "m", "position")),
        ("Pole Angular Velocity", "", ("pole_angular_velocity", "rad/s", "angular_velocity")),
        ("x-coordinate velocity of the torso (centre)", "m/s", ("x_velocity_torso", "m/s", "velocity")),
        ("angular velocity of the hip", "rad", ("angular_velocity_hip", "rad/s", "angular_velocity")),
        ("angle between the two links", "rad", ("angle_between_two_links", "rad", "angle")),
        ("left leg contact", "", ("left_leg_contact", "1", "contact")),
        ("fuel", "", ("fuel", "1", "other")),
        ("Don't move", "", ("dont_move", "1", "other")),
        ("2nd lidar", "", ("value_2nd_lidar", "1", "other")),
    ],
)
def test_a_value_is_named_by_the_words_that_say_something(text, unit, expected):
    assert named_by_words(Entry(text, unit))[:3] == expected


@pytest.mark.parametrize(
    ("text", "wave"),
    [
        ("x = cos(theta)", ("cos", "theta")),
        ("Sine of `theta1`".replace("`", ""), ("sin", "theta1")),
        ("cosine of the angle between the arms", ("cos", "angle_between_arms")),
        ("cost of living", None),
    ],
)
def test_a_sine_or_cosine_knows_its_angle(text, wave):
    assert named_by_words(Entry(text, "")).wave == wave


def test_the_meaning_is_a_sentence():
    assert named_by_words(Entry("cart velocity", "")).meaning == "Cart velocity."


def test_names_are_made_different():
    assert list(unique(["x", "y", "x", "x_2", "x"])) == ["x", "y", "x_2", "x_2_2", "x_3"]


@pytest.mark.parametrize("name", ["mean", "terminated", "env_reward", "lambda", "count"])
def test_names_that_programs_use_for_something_else_are_avoided(name):
    assert list(unique([name])) == [f"{name}_value"]


@pytest.mark.parametrize(("text", "name"), [("robot0:Slide-1", "robot0_slide_1"), ("1st", "value_1st"), ("é", "")])
def test_any_text_becomes_a_name_or_nothing(text, name):
    assert as_name(text) == name
