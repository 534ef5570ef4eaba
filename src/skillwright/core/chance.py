"""Draws from small tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

__all__ = ["draw_from", "draw_weighted"]

T = TypeVar("T")


def draw_from(random: "np.random.Generator", items: Sequence[T]) -> T:
    """Draws one item, all alike.

    Args:
        random: source of chance.
        items: at least one.
    """
    return items[int(random.integers(len(items)))]


def draw_weighted(random: "np.random.Generator", odds: Mapping[T, float]) -> T:
    """Draws one item by its odds.

    Args:
        random: source of chance.
        odds: item -> probability; they sum to 1.
    """
    items = list(odds)
    return items[int(random.choice(len(items), p=list(odds.values())))]
