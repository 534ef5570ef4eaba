"""Turns words about a value into a name that programs can use, a unit and a role."""

import keyword
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

from skillwright.envs.card import FieldRole
from skillwright.envs.drafting_docs import Entry

__all__ = ["Named", "as_name", "named_by_words", "sentence", "unique"]

_MAX_WORDS: Final = 5
_EMPTY_WORDS: Final = frozenset(
    "a an and applied at axis center centre coordinate for in is link of on rotor that the to torque value with".split()
)
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_TRIGONOMETRY: Final = re.compile(
    r"\b(cos|sin)(?:e|ine)?\b\s*(?:of\s+(?:the\s+)?)?\(?\s*([^()=]+?)\s*\)?$", re.IGNORECASE
)
_KINDS: Final = (np.ndarray, str, list, dict, tuple, float)
_OTHER_NAMES: Final = frozenset({"terminated", "truncated", "env_reward"})
_ROLES: Final[tuple[tuple[str, str, FieldRole], ...]] = (
    (r"angular (velocity|speed)", "rad/s", "angular_velocity"),
    (r"velocity|speed", "m/s", "velocity"),
    (r"\bcontact", "1", "contact"),
    (r"angle|rotation", "rad", "angle"),
    (r"position|coordinate|distance|height", "m", "position"),
    (r"", "1", "other"),
)
"""Words, and the unit and the role that they mean; the first that are found count."""
_UNITS: Final[dict[str, FieldRole]] = {
    "rad/s": "angular_velocity",
    "m/s": "velocity",
    "rad": "angle",
    "m": "position",
}


class Named(NamedTuple):
    """What is known of one value of the observation."""

    name: str
    unit: str
    role: FieldRole
    meaning: str
    wave: tuple[str, str] | None = None
    """``cos`` or ``sin``, and the name of the angle whose cosine or sine it is."""


def named_by_words(entry: Entry) -> Named:
    """Names a value, or a part of an action, by what is said of it.

    Args:
        entry: from a docstring.
    """
    meaning = sentence(entry.text)
    if wave := _TRIGONOMETRY.search(entry.text):
        angle, function = _name(wave[2]), wave[1].lower()
        return Named(f"{function}_{angle}", "1", "other", meaning, (function, angle))
    said = entry.text.lower()
    _, unit, role = next(one for one in _ROLES if re.search(one[0], said))
    if entry.unit in _UNITS and "velocity" not in said:
        unit, role = entry.unit, _UNITS[entry.unit]
    return Named(_name(entry.text), unit, role, meaning)


def as_name(text: str) -> str:
    """Makes a name of a text, all of whose words are kept; empty if there are none.

    Args:
        text: such as ``robot0:slide0``.
    """
    name = "_".join(re.findall(r"[a-z0-9]+", text.lower()))
    return name if not name or name[0].isalpha() else f"value_{name}"


def sentence(text: str) -> str:
    """Begins a text with a capital and ends it with a full stop.

    Args:
        text: a few words.
    """
    return f"{text[:1].upper()}{text[1:].rstrip('. ')}."


def unique(names: Iterable[str]) -> Iterator[str]:
    """Makes names different from each other, and from what programs use for something else.

    Args:
        names: lower case, digits and underscores.
    """
    given: set[str] = set()
    for name in names:
        free = f"{name}_value" if _is_reserved(name) else name
        candidates = (free if number == 1 else f"{free}_{number}" for number in range(1, len(given) + 2))
        chosen = next(one for one in candidates if one not in given)
        given.add(chosen)
        yield chosen


def _name(text: str) -> str:
    """Takes the words that say something: ``x-coordinate velocity of the torso`` gives ``x_velocity_torso``."""
    words = re.findall(r"[a-z0-9]+", _BRACKETS.sub("", text).replace("'", "").lower())
    telling = [word for word in words if word not in _EMPTY_WORDS] or words
    return as_name(" ".join(telling[:_MAX_WORDS])) or "value"


def _is_reserved(name: str) -> bool:
    return keyword.iskeyword(name) or name in _OTHER_NAMES or any(hasattr(kind, name) for kind in _KINDS)
