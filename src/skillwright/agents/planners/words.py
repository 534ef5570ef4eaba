"""The words of a sentence that carry meaning, as stems."""

import re
from typing import Final

__all__ = ["stems"]

_COMMON: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "be",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "then",
        "there",
        "to",
        "up",
        "with",
    ]
)


def stems(text: str) -> frozenset[str]:
    """Gives the words that carry meaning, without their endings.

    Args:
        text: any text.
    """
    words = re.findall(r"[^\W_]+", text.casefold())
    return frozenset(re.sub(r"(ing|ed|ly|es|s)$", "", word) if len(word) > 4 else word for word in words) - _COMMON
