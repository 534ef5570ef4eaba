"""Sentences that ask for several things are taken apart; others are left whole."""

import pytest

from skillwright.agents.planners.sentence import split_sentence


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hover, then move over the pad, and then land", ["Hover", "move over the pad", "land"]),
        ("hover; land", ["hover", "land"]),
        ("hover; then land", ["hover", "land"]),
        ("1. hover 2. land", ["hover", "land"]),
        ("1) hover\n2) land", ["hover", "land"]),
        ("- hover\n- land", ["hover", "land"]),
        ("Hover. After that, land", ["Hover", "land"]),
        ("Hover and afterwards land", ["Hover", "land"]),
    ],
)
def test_what_comes_one_after_the_other_is_split(text, parts):
    assert split_sentence(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Land softly",
        "if it tilts, then right it",
        "stay there until then",
        "stop there",
        "fly 0.7 m up and land",
        "",
        "; ;",
    ],
)
def test_one_thing_is_left_as_it_was_typed(text):
    assert split_sentence(text) == [text]
