"""Chooses the world that a sentence is about, where the person names none."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from skillwright.agents.planners.words import stems
from skillwright.core import ConfigError
from skillwright.envs import EnvCard

__all__ = ["World", "choose_world"]

_THRESHOLD: Final = 0.4
"""Least share of a sentence that a world must account for."""
_NUM_SHOWN: Final = 5
_EQUAL: Final = 0.02
"""Scores that differ by less are taken to be equal."""
_WEIGHTS: Final[Sequence[float]] = (1.0, 0.6, 0.4)
"""Of a word found in the id and the tasks, in the description, in what the fields mean."""


class World(NamedTuple):
    """A world, and why it was chosen."""

    card: EnvCard
    why: str


def choose_world(text: str, cards: Sequence[EnvCard]) -> World:
    """Chooses the card that has most of a sentence's words; a word counts the more, the fewer cards have it.

    Args:
        text: the sentence.
        cards: all there are.

    Raises:
        ConfigError: no card has enough of them; the nearest ones are named.
    """
    shelves = {card.id: _words_of(card) for card in cards}
    wanted = stems(text)
    frequency = Counter(word for shelf in shelves.values() for word in shelf)
    scores = {name: _score(wanted, shelf, frequency, len(cards)) for name, shelf in shelves.items()}
    ranked = sorted(cards, key=lambda card: (-scores[card.id], card.id))
    near = ", ".join(f"{card.id} ({scores[card.id]:.2f})" for card in ranked[:_NUM_SHOWN] if scores[card.id] > 0)
    if not ranked or scores[ranked[0].id] < _THRESHOLD:
        nearest = f"the nearest are {near}" if near else "no card has a word of it; `skillwright envs list` names them"
        raise ConfigError(f"no world fits this sentence well enough; say which with --env: {nearest}")
    best = ranked[0]
    found = ", ".join(sorted(wanted & shelves[best.id].keys()))
    why = f"of {len(cards)} worlds its card has most of the sentence's words ({found})"
    equal = [card.id for card in ranked[1:] if scores[card.id] > scores[best.id] - _EQUAL]
    return World(best, f"{why}; as near: {', '.join(equal)}; say --env to choose" if equal else why)


def _score(wanted: frozenset[str], shelf: Mapping[str, float], frequency: Mapping[str, int], num_cards: int) -> float:
    """Gives the share of the sentence that a card accounts for, in [0, 1]."""
    rarity = {word: math.log((num_cards + 1) / (frequency.get(word, 0) + 0.5)) for word in wanted}
    whole = sum(rarity.values())
    return sum(rarity[word] * shelf.get(word, 0.0) for word in wanted) / whole if whole else 0.0


def _words_of(card: EnvCard) -> dict[str, float]:
    """Gives the words of a card, each with the weight of the best place where it stands."""
    tasks = " ".join(f"{name} {task.text}" for name, task in card.tasks.items())
    meanings = " ".join(f"{name} {field.meaning}" for name, field in card.fields.items())
    places = (f"{_spoken(card.id)} {tasks}", card.description, meanings)
    words: dict[str, float] = {}
    for text, weight in zip(places, _WEIGHTS, strict=True):
        for word in stems(text):
            words.setdefault(word, weight)
    return words


def _spoken(card_id: str) -> str:
    """Takes ``LunarLander-v3`` apart into its words."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in card_id)
