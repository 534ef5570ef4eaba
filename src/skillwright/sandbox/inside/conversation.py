"""A program that acts: it asks the other side to run skills, one after another, and sees the state after each."""

from collections.abc import Callable, Mapping
from numbers import Real

import numpy as np

from skillwright.sandbox.inside.program import Program, define

__all__ = ["Moment", "converse"]

Talk = Callable[[Mapping[str, object]], Mapping[str, object]]
"""Sends a message to the other side and returns its answer."""

_LONGEST_NAME = 128


class Moment:
    """The state at one moment: ``s.x`` is a number, or an array of shape (dim,)."""

    __slots__ = ("_values",)

    def __init__(self, described: object) -> None:
        assert isinstance(described, Mapping)
        self._values = {
            str(name): np.asarray(value, np.float64) if isinstance(value, list) else value
            for name, value in described.items()
        }

    def __repr__(self) -> str:
        return "the state"

    def __getattr__(self, name: str) -> object:
        if name not in self._values:
            raise AttributeError(f"the state has no field {name!r}; its fields are {', '.join(self._values)}")
        return self._values[name]


def converse(program: Program, entry: str, state: object, options: Mapping[str, float], talk: Talk) -> None:
    """Runs a program that acts, from its beginning to its end.

    Args:
        program: the program.
        entry: name of its function, which takes the state, ``run`` and its own options.
        state: the fields by name.
        options: of the program, by name.
        talk: asks the other side to run a skill.

    Raises:
        BrokenContract: it does not define its entry.
        TypeError: it called ``run`` in a way that means nothing.
    """

    def run(name: object, /, **values: object) -> Moment:
        if not isinstance(name, str) or len(name) > _LONGEST_NAME:
            raise TypeError('run takes the name of a skill as a text first: run("hover")')
        return Moment(talk({"call": name, "options": {key: _number(key, one) for key, one in values.items()}})["state"])

    define(program, entry)(Moment(state), run, **options)


def _number(name: str, value: object) -> float:
    is_number = isinstance(value, (Real, np.generic)) or (isinstance(value, np.ndarray) and value.ndim == 0)
    if not is_number:
        raise TypeError(f"the option {name} of a skill is one number, not {type(value).__name__}")
    return float(value)  # type: ignore[arg-type] # one of the kinds above
