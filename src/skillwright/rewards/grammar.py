"""Draws reward terms from the fields of an env card.

A term is a quantity of the state in one of a few classical shapes: progress (a potential difference, Ng et al. 1999),
closeness (exp-shaped), level (linear), or a bonus at the end of the episode; beside them stand the cost of each action
and the cost of ending. Only names, roles and ranges of the fields are read, never the task's programs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from skillwright.envs import EnvCard
from skillwright.rewards.genome import Term

__all__ = ["Grammar"]

Direction = Literal["down", "up"]

_GROUPED: Final = ("position", "velocity")
_P_DOWN: Final = {
    "position": 0.75,
    "velocity": 0.6,
    "angle": 0.85,
    "angular_velocity": 0.85,
    "contact": 0.2,
    "phase": 0.5,
}
"""How often a quantity of a role is driven toward zero (or low) and not up; other roles: half of the time."""

_SHAPES: Final = {"progress": 0.55, "closeness": 0.1, "level": 0.15, "end": 0.2}
_WEIGHTS: Final = {
    "progress": (3.0, 100.0),
    "closeness": (0.03, 1.0),
    "level": (0.03, 1.0),
    "end": (3.0, 100.0),
}
"""Range of the first weight, log-uniform. A progress or end term sums to about its weight over an episode, the others
to about their weight times the episode's length, hence two decades between them."""

_EFFORT_WEIGHTS: Final = (0.003, 0.3)
_ENDING_WEIGHTS: Final = (3.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A scalar of the state that a term can drive up or down."""

    name: str
    expression: str
    """Python expression with ``{}`` where the state's name goes."""
    scale: float
    """About its largest value, so that all quantities are comparable."""
    role: str
    """Role of the fields it is made of."""


class Grammar:
    """The terms that can be drawn for one world.

    Args:
        card: the world.
    """

    def __init__(self, card: EnvCard) -> None:
        self._quantities = [*_single_quantities(card), *_group_quantities(card)]
        self._actions = list(card.actions.components)
        self._is_discrete = card.actions.kind == "discrete"

    def draw_program(self, random: np.random.Generator) -> list[Term]:
        """Draws the terms of a fresh reward: about one per role of the state, an ending, and an effort.

        Args:
            random: source of chance.

        Returns:
            At least two terms.
        """
        roles = sorted({quantity.role for quantity in self._quantities})
        terms = [self._draw_of(self._with_role(role), random) for role in roles if random.random() < 0.8]
        while len(terms) < 2 or random.random() < 0.4:
            terms.append(self._draw_of(self._quantities, random))
        if random.random() < 0.5:
            terms.append(self._draw_ending(random))
        if random.random() < 0.4:
            terms.append(self._draw_effort(random))
        return terms

    def draw_term(self, random: np.random.Generator) -> Term:
        """Draws one term of any kind.

        Args:
            random: source of chance.
        """
        chance = random.random()
        if chance < 0.15:
            return self._draw_effort(random)
        if chance < 0.3:
            return self._draw_ending(random)
        return self._draw_of(self._quantities, random)

    def _with_role(self, role: str) -> list[Quantity]:
        return [quantity for quantity in self._quantities if quantity.role == role]

    def _draw_of(self, quantities: Sequence[Quantity], random: np.random.Generator) -> Term:
        quantity = quantities[random.integers(len(quantities))]
        direction: Direction = "down" if random.random() < _P_DOWN.get(quantity.role, 0.5) else "up"
        shape = str(random.choice(list(_SHAPES), p=list(_SHAPES.values())))
        expression = _shaped(quantity, shape, direction)
        name = f"{quantity.name}_{direction}_{shape}"
        return Term(name=name, expression=expression, weight=_log_uniform(random, *_WEIGHTS[shape]))

    def _draw_ending(self, random: np.random.Generator) -> Term:
        if random.random() < 0.8:
            return Term(
                name="ending", expression="-n.terminated", weight=_log_uniform(random, *_ENDING_WEIGHTS)
            )
        return Term(
            name="alive", expression="1.0 - n.terminated", weight=_log_uniform(random, *_WEIGHTS["level"])
        )

    def _draw_effort(self, random: np.random.Generator) -> Term:
        name = self._actions[random.integers(len(self._actions))]
        expression = f"-a.{name}" if self._is_discrete else f"-np.square(a.{name})"
        return Term(
            name=f"{name}_effort", expression=expression, weight=_log_uniform(random, *_EFFORT_WEIGHTS)
        )


def _single_quantities(card: EnvCard) -> list[Quantity]:
    quantities = []
    for name, field in card.fields.items():
        if not field.is_scalar:
            continue
        low, high = field.range
        scale = _round(max((abs(bound) for bound in (low, high) if math.isfinite(bound)), default=1.0))
        signed = Quantity(name=name, expression=f"{{}}.{name}", scale=scale, role=field.role)
        if low < 0 < high:
            size = Quantity(
                name=f"abs_{name}", expression=f"np.abs({{}}.{name})", scale=scale, role=field.role
            )
            quantities.append(size)
        if not low < 0 < high or field.role in ("position", "velocity", "phase", "sensor", "other"):
            quantities.append(signed)
    return quantities


def _group_quantities(card: EnvCard) -> list[Quantity]:
    """Makes the distance and the speed out of all scalar positions and all scalar velocities."""
    quantities = []
    for role in _GROUPED:
        names = [
            name
            for name, field in card.fields.items()
            if field.role == role and field.is_scalar and field.range[0] < 0 < field.range[1]
        ]
        if 2 <= len(names) <= 3:
            squares = " + ".join(f"np.square({{0}}.{name})" for name in names)
            bounds = [max(abs(bound) for bound in card.fields[name].range) for name in names]
            scale = _round(math.hypot(*(bound if math.isfinite(bound) else 1.0 for bound in bounds)))
            name = "distance" if role == "position" else "speed"
            # A group stands for its role as often as all its members together.
            quantities += [
                Quantity(name=name, expression=f"np.sqrt({squares})", scale=scale, role=role)
            ] * len(names)
    contacts = [name for name, field in card.fields.items() if field.role == "contact" and field.is_scalar]
    if len(contacts) > 1:
        both = " * ".join(f"{{0}}.{name}" for name in contacts)
        total = " + ".join(f"{{0}}.{name}" for name in contacts)
        quantities.append(Quantity(name="all_contacts", expression=both, scale=1.0, role="contact"))
        quantities.append(
            Quantity(name="contacts", expression=f"({total})", scale=float(len(contacts)), role="contact")
        )
    return quantities


def _shaped(quantity: Quantity, shape: str, direction: Direction) -> str:
    before, after = quantity.expression.format("s"), quantity.expression.format("n")
    sign = "" if direction == "up" else "-"
    match shape:
        case "progress":
            first, second = (after, before) if direction == "up" else (before, after)
            return f"({first} - {second}) / {quantity.scale}"
        case "closeness":
            inner = f"-np.abs({after}) / {_round(quantity.scale / 4)}"
            return f"np.exp({inner})" if direction == "down" else f"1.0 - np.exp({inner})"
        case "end":
            return f"{sign}n.terminated * {after} / {quantity.scale}"
        case _:
            return f"{sign}{after} / {quantity.scale}"


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    return _round(math.exp(random.uniform(math.log(low), math.log(high))))
