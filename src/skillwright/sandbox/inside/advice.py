"""What to do about errors that authors of programs often make, in the words of a program over whole columns."""

from typing import Final

__all__ = ["advise"]

_ADVICE: Final = (
    ("truth value of an array", "use np.where(condition, a, b), np.maximum, and & | ~ in place of and, or, not"),
    ("can be converted to Python scalars", "a field is an array: use np in place of math, .astype(float) of float()"),
    ("read-only", "fields are read-only: begin with a copy, as in x = s.x.copy()"),
    ("'View' object", "name the field, as in s.x; s, a and n are no arrays"),
    (
        "AxisError",
        "a field has one axis, its rows: stack several with np.stack([...], axis=-1) first",
    ),
    ("MemoryError", "it needs more memory than a program may have"),
    ("RecursionError", "use a loop over names, and arrays over rows"),
)
"""Text in the error's type or message -> what helps."""


def advise(kind: str, message: str) -> str:
    """Adds to the message of an error what to do about it, if that is known.

    Args:
        kind: name of the error's type.
        message: its text.
    """
    for sign, advice in _ADVICE:
        if sign in f"{kind}: {message}":
            return f"{message}; {advice}" if message else advice
    return message
