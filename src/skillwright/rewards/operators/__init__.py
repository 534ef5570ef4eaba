"""Ways to make a reward program out of what is known, each in a file of its own; ``OPERATORS`` names them."""

from typing import Final

from skillwright.core.registry import Registry
from skillwright.rewards.operators.operator import Brief, Operator

__all__ = ["OPERATORS", "Brief", "Operator"]

OPERATORS: Final[Registry[type[Operator]]] = Registry(
    "operator",
    "skillwright.operators",
    {
        "crossover": "skillwright.rewards.operators.crossover:Crossover",
        "fresh": "skillwright.rewards.operators.fresh:Fresh",
        "mutate": "skillwright.rewards.operators.mutate:Mutate",
        "repair": "skillwright.rewards.operators.repair:Repair",
        "reweigh": "skillwright.rewards.operators.reweigh:Reweigh",
        "rewrite": "skillwright.rewards.operators.rewrite:Rewrite",
    },
)
"""A new one is one file with a class, and one line here or an entry point."""
