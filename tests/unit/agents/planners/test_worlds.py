"""The world that a sentence is about."""

import pytest

from skillwright.agents.planners.worlds import choose_world
from skillwright.core import ConfigError
from skillwright.envs import find_card

CARDS = [
    find_card(name)
    for name in ("CartPole-v1", "LunarLander-v3", "LunarLanderContinuous-v3", "BipedalWalker-v3", "FrankaKitchen-v1")
]


@pytest.mark.parametrize(
    ("text", "world"),
    [
        ("Balance the pole", "classic_control/CartPole-v1"),
        ("Land softly between the flags", "box2d/LunarLander-v3"),
        ("Open the microwave", "kitchen/FrankaKitchen-v1"),
        ("Walk without falling", "box2d/BipedalWalker-v3"),
    ],
)
def test_the_world_with_most_of_the_words_is_chosen(text, world):
    assert choose_world(text, CARDS).card.id == world


def test_worlds_that_are_as_near_are_named():
    assert "as near: box2d/LunarLanderContinuous-v3" in choose_world("Land softly between the flags", CARDS).why


def test_a_sentence_about_no_world_names_the_nearest_ones():
    with pytest.raises(ConfigError, match="say which with --env: the nearest are"):
        choose_world("Balance my monthly household budget sheet", CARDS)


def test_a_sentence_without_any_known_word_says_where_worlds_are_listed():
    with pytest.raises(ConfigError, match="envs list"):
        choose_world("Приземлись мягко", CARDS)
