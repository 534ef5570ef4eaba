import numpy as np
import pytest

from skillwright.agents.acting.deeds import Deed
from skillwright.agents.acting.field_summary import summarize_fields
from skillwright.envs import TransitionBlock, find_card

CART = find_card("classic_control/CartPole-v1")
LANDER = find_card("box2d/LunarLander-v3")


def lived(card, observations, *, terminated=False, truncated=False):
    """An episode that went through these observations."""
    seen = np.array(observations, np.float32)
    num = len(seen) - 1
    ends = np.arange(num) == num - 1
    return TransitionBlock(
        seen[:-1], np.zeros(num, np.int64), seen[1:], ends & terminated, ends & truncated, np.zeros(num, np.float32)
    )


def line(text, name):
    return next(one for one in text.splitlines() if one.startswith(f"- `{name}`"))


def test_a_field_is_told_with_its_unit_its_course_and_its_bounds():
    path = [[x, 0, 0, 0] for x in (0.0, 1.0, 4.0, 2.0, 3.0)]
    told = line(summarize_fields(CART, lived(CART, path), []), "x")
    assert told == "- `x` [m]: 0 -> 1 -> 4 -> 2 -> 3; min 0 (step 0), max 4 (step 2), mean 2"


def test_a_field_that_is_only_0_or_1_is_told_by_when_it_changed():
    name = "left_contact"
    index = LANDER.fields[name].index
    path = np.zeros((9, 8))
    path[3:6, index] = 1
    told = line(summarize_fields(LANDER, lived(LANDER, path), []), name)
    assert told.endswith("0 at first, 1 from step 3, 0 from step 6")


@pytest.mark.parametrize(
    ("end", "said"),
    [({"terminated": True}, "the world ended it"), ({"truncated": True}, "its time was up"), ({}, "it stopped")],
)
def test_how_it_ended_is_said(end, said):
    text = summarize_fields(CART, lived(CART, np.zeros((4, 4)), **end), [])
    assert text.startswith(f"The episode took 3 steps; at the end {said}.")


def test_what_was_run_is_told_with_its_times():
    deeds = [Deed("hover@2", {}, 0, 120, True, 1), Deed("land@1", {}, 120, 30, False, 1)]
    text = summarize_fields(CART, lived(CART, np.zeros((4, 4))), deeds)
    assert "- hover@2, steps 0 to 120: it says its own task was done" in text
    assert "- land@1, steps 120 to 150: it says its own task was not done" in text


def test_the_length_is_bounded_however_much_happened():
    fields = {f"joint_{index}": CART.fields["x"] for index in range(200)}
    card = CART.model_copy(update={"fields": fields})
    deeds = [Deed("push@1", {}, index, 1, None, 1) for index in range(1_000)]
    path = np.random.default_rng(0).random((5_000, 4))
    text = summarize_fields(card, lived(card, path), deeds)
    assert len(text) < 10_000
    assert "further fields are left out" in text and "and 980 more" in text
