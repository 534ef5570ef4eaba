"""Draws reward terms from the fields of an env card.

A reward pursues aims: quantities of the state to be driven down or up. Each aim takes one of a few classical
shapes: progress (a potential difference, Ng et al. 1999), level (linear), or closeness (exp-shaped). Beside the aims
stand a term for how the episode ends, and the cost of an action. Only names, roles and ranges of the fields are read,
never the task's programs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from skillwright.core.chance import draw_from, draw_weighted
from skillwright.envs import EnvCard, FieldSpec
from skillwright.rewards.proposers.search.genome import Term

__all__ = ["Grammar"]

Direction = Literal["down", "up"]
Shape = Literal["progress", "level", "closeness"]
Intent = Literal["settle", "go", "try"]
Ending = Literal["arrive", "avoid", "finish", "hurry", "none"]

_GROUPED: Final = {"position": "distance", "velocity": "speed"}
"""Roles whose scalar fields also make one quantity together, and its name."""

_INTENTS: Final[dict[Intent, float]] = {"settle": 0.65, "go": 0.2, "try": 0.15}
"""How often a fresh reward is meant to bring everything to rest at zero, to drive one thing up while the rest stays
calm, or to try directions at random."""
_GOING: Final = frozenset({"position", "velocity", "phase", "sensor", "other"})
"""Roles of which a reward that is meant to go somewhere drives one up."""
_P_AIM: Final[dict[Intent, float]] = {"settle": 1.0, "go": 0.8, "try": 0.8}
"""How often a role of the state becomes an aim."""
_P_WHOLE: Final[dict[Intent, float]] = {"settle": 0.95, "go": 0.5, "try": 0.5}
"""How often the aim of a role is all of it (its distance, its speed, its contacts) and not one of its fields."""
_P_DOWN: Final = 0.65
"""How often a quantity is driven down when directions are tried at random; a contact as often up."""
_ENDINGS: Final[dict[Intent, dict[Ending, float]]] = {
    "settle": {"arrive": 0.9, "avoid": 0.05, "none": 0.05},
    "go": {"avoid": 0.45, "finish": 0.2, "hurry": 0.15, "none": 0.2},
    "try": {"arrive": 0.3, "avoid": 0.25, "finish": 0.15, "hurry": 0.15, "none": 0.15},
}
"""What the end is worth: how far the aims are reached, a loss, a gain, a gain and a price for every step, nothing."""

_SHAPES: Final[dict[Shape, float]] = {"progress": 0.9, "level": 0.05, "closeness": 0.05}
_WEIGHTS: Final[dict[Shape, tuple[float, float]]] = {
    "progress": (10.0, 100.0),
    "level": (0.05, 0.5),
    "closeness": (0.05, 0.5),
}
"""Range of a first weight, log-uniform. Progress sums to about its weight over an episode, the others to about their
weight times the episode's length, hence two decades between them."""

_ENDING_WEIGHTS: Final = (3.0, 30.0)
_CLOSENESS_PARTS: Final = 4.0
"""A quantity is close to zero within this part of its scale."""
_MOTION: Final = frozenset({"velocity", "angular_velocity"})
_SHARPNESS: Final = {4.0: 0.5, 20.0: 0.5}
"""The same for motion when an episode ends: what is at rest may be told sharply from what collides slowly."""
_LOSSES: Final = (0.0, 0.3, 1.0)
"""What an arrival far from the aims may cost, in units of what a perfect one pays."""
_CONTACT_WEIGHTS: Final = (3.0, 30.0)
_EFFORT_WEIGHTS: Final = (0.003, 0.1)
_HURRY_WEIGHTS: Final = (0.02, 0.2)
_P_EFFORT: Final = 0.3
_LARGEST_ANGLE: Final = math.pi / 2
"""Scale of an angle that can turn further."""


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
    is_whole: bool = False
    """Whether it is made of all scalar fields of its role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A quantity and where it should go."""

    quantity: Quantity
    direction: Direction


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
        """Draws the terms of a fresh reward: an aim for most roles of the state, an ending, perhaps an effort.

        Args:
            random: source of chance.

        Returns:
            At least one term.
        """
        intent = draw_weighted(random, _INTENTS)
        aims = self._draw_aims(intent, random)
        terms = [_pursue(aim, random) for aim in aims]
        terms += _draw_ending(intent, aims, random)
        if random.random() < _P_EFFORT:
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
        if chance < 0.4:
            intent = draw_weighted(random, _INTENTS)
            aims = self._draw_aims(intent, random)
            return next(iter(_draw_ending(intent, aims, random)), _pursue(aims[0], random))
        quantity = draw_from(random, self._quantities)
        return _pursue(Aim(quantity=quantity, direction=_try(quantity.role, random)), random)

    def _draw_aims(self, intent: Intent, random: np.random.Generator) -> list[Aim]:
        """Draws an aim in the spirit of an intent for most roles of the state."""
        roles = sorted({quantity.role for quantity in self._quantities})
        chosen = [role for role in roles if random.random() < _P_AIM[intent]] or roles
        going = [role for role in chosen if role in _GOING]
        goes = draw_from(random, going) if going and intent == "go" else None
        aims = []
        for role in chosen:
            quantity = self._draw_quantity(role, intent, random)
            calm: Direction = "up" if role in (goes, "contact") else "down"
            aims.append(Aim(quantity=quantity, direction=_try(role, random) if intent == "try" else calm))
        return aims

    def _draw_quantity(self, role: str, intent: Intent, random: np.random.Generator) -> Quantity:
        quantities = [quantity for quantity in self._quantities if quantity.role == role]
        wholes = [quantity for quantity in quantities if quantity.is_whole]
        if wholes and random.random() < _P_WHOLE[intent]:
            return draw_from(random, wholes)
        return draw_from(random, quantities)

    def _draw_effort(self, random: np.random.Generator) -> Term:
        name = draw_from(random, self._actions)
        expression = f"-a.{name}" if self._is_discrete else f"-np.square(a.{name})"
        return Term(name=f"{name}_effort", expression=expression, weight=_log_uniform(random, *_EFFORT_WEIGHTS))


def _try(role: str, random: np.random.Generator) -> Direction:
    p_down = 1.0 - _P_DOWN if role == "contact" else _P_DOWN
    return "down" if random.random() < p_down else "up"


def _draw_ending(intent: Intent, aims: Sequence[Aim], random: np.random.Generator) -> list[Term]:
    """Draws what the end of an episode is worth: at most one term."""
    weight = _log_uniform(random, *_ENDING_WEIGHTS)
    match draw_weighted(random, _ENDINGS[intent]):
        case "arrive":
            return [Term(name="arrival", expression=_arrival(aims, random), weight=weight)]
        case "avoid":
            return [Term(name="ending", expression="-n.terminated", weight=weight)]
        case "finish":
            return [Term(name="finish", expression="n.terminated", weight=weight)]
        case "hurry":
            weight = _log_uniform(random, *_HURRY_WEIGHTS)
            return [Term(name="hurry", expression="n.terminated - 1.0", weight=weight)]
        case _:
            return []


def _pursue(aim: Aim, random: np.random.Generator) -> Term:
    """Draws the shape and the weight with which an aim is pursued."""
    shape = draw_weighted(random, _SHAPES)
    is_contact = aim.quantity.role == "contact" and shape == "progress"
    weight = _log_uniform(random, *(_CONTACT_WEIGHTS if is_contact else _WEIGHTS[shape]))
    name = f"{aim.quantity.name}_{aim.direction}_{shape}"
    return Term(name=name, expression=_shaped(aim, shape), weight=weight)


def _arrival(aims: Sequence[Aim], random: np.random.Generator) -> str:
    """Pays for how far the aims are reached when the episode ends, up to 1, and may charge for missing them.

    A collision can stop a body within its last step, so what should be small must be small before that step too.
    """
    chosen = [aim for aim in aims if random.random() < 0.9] or list(aims)
    sharpness = draw_weighted(random, _SHARPNESS)
    misses = [_miss(aim.quantity, sharpness) for aim in chosen if aim.direction == "down"]
    risen = [aim.quantity for aim in chosen if aim.direction == "up"]
    factors = [f"np.clip({quantity.expression.format('n')} / {quantity.scale}, 0.0, 1.0)" for quantity in risen]
    if misses:
        factors.append(f"np.exp(-({' + '.join(misses)}))")
    loss = draw_from(random, _LOSSES)
    reached = " * ".join(factors)
    return f"n.terminated * ({1.0 + loss} * {reached} - {loss})" if loss else f"n.terminated * {reached}"


def _miss(quantity: Quantity, sharpness: float) -> str:
    """Writes how far a quantity is from zero, before and after the last step, in units in which 1 is far."""
    before, after = (f"np.abs({quantity.expression.format(state)})" for state in "sn")
    parts = sharpness if quantity.role in _MOTION else _CLOSENESS_PARTS
    return f"np.maximum({before}, {after}) / {_round(quantity.scale / parts)}"


def _single_quantities(card: EnvCard) -> list[Quantity]:
    quantities = []
    for name, field in card.fields.items():
        if not field.is_scalar:
            quantities.append(_size_of_vector(name, field))
            continue
        low, high = field.range
        scale = _round(_scale(field))
        signed = Quantity(name=name, expression=f"{{}}.{name}", scale=scale, role=field.role)
        if low < 0 < high:
            size = Quantity(name=f"abs_{name}", expression=f"np.abs({{}}.{name})", scale=scale, role=field.role)
            quantities.append(size)
        if not low < 0 < high or field.role in ("position", "velocity", "phase", "sensor", "other"):
            quantities.append(signed)
    return quantities


def _size_of_vector(name: str, field: FieldSpec) -> Quantity:
    """Makes the mean size of a field of several dimensions; no more is known about its parts."""
    expression = f"np.mean(np.abs({{}}.{name}), axis=1)"
    return Quantity(name=f"size_of_{name}", expression=expression, scale=_round(_scale(field)), role=field.role)


def _group_quantities(card: EnvCard) -> list[Quantity]:
    """Makes the distance of all positions, the speed of all velocities, and the sum and product of all contacts."""
    quantities = []
    for role, name in _GROUPED.items():
        names = _scalars(card, role, around_zero=True)
        if 2 <= len(names) <= 3:
            squares = " + ".join(f"np.square({{0}}.{member})" for member in names)
            scale = _round(math.hypot(*(_scale(card.fields[member]) for member in names)))
            expression = f"np.sqrt({squares})"
            quantities.append(Quantity(name=name, expression=expression, scale=scale, role=role, is_whole=True))
    contacts = _scalars(card, "contact", around_zero=False)
    if len(contacts) > 1:
        product = " * ".join(f"{{0}}.{member}" for member in contacts)
        total = " + ".join(f"{{0}}.{member}" for member in contacts)
        for name, expression, scale in (("all_contacts", product, 1.0), ("contacts", total, float(len(contacts)))):
            whole = Quantity(name=name, expression=f"({expression})", scale=scale, role="contact", is_whole=True)
            quantities.append(whole)
    return quantities


def _scalars(card: EnvCard, role: str, *, around_zero: bool) -> list[str]:
    return [
        name
        for name, field in card.fields.items()
        if field.role == role and field.is_scalar and (not around_zero or field.range[0] < 0 < field.range[1])
    ]


def _scale(field: FieldSpec) -> float:
    """Gives about the largest size of a field that matters."""
    largest = max((abs(bound) for bound in field.range if math.isfinite(bound) and bound), default=1.0)
    return min(largest, _LARGEST_ANGLE) if field.role == "angle" else largest


def _shaped(aim: Aim, shape: Shape) -> str:
    quantity = aim.quantity
    before, after = quantity.expression.format("s"), quantity.expression.format("n")
    sign = "" if aim.direction == "up" else "-"
    match shape:
        case "progress":
            first, second = (after, before) if aim.direction == "up" else (before, after)
            # In the last step a collision can stop a body, which is no progress of its own.
            return f"(1.0 - n.terminated) * ({first} - {second}) / {quantity.scale}"
        case "closeness":
            near = f"np.exp(-np.abs({after}) / {_round(quantity.scale / _CLOSENESS_PARTS)})"
            return near if aim.direction == "down" else f"1.0 - {near}"
        case "level":
            return f"{sign}{after} / {quantity.scale}"


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    return _round(math.exp(random.uniform(math.log(low), math.log(high))))
