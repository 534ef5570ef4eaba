"""What an evolution aims at: a world, and a task of its card or of the person's own."""

from typing import NamedTuple

from skillwright.core import ConfigError, NotFound
from skillwright.envs import EnvCard
from skillwright.envs.catalog import find_card

__all__ = ["Target", "find_target"]


class Target(NamedTuple):
    """A world and a task."""

    env: str
    """Id of the world."""
    task: str | None
    """Name of the card's task; none: a task in the person's own words."""
    text: str
    """The task in plain words."""


def find_target(world: str, *, own: str | None) -> Target:
    """Reads ``ENV/TASK``.

    Args:
        world: id of a world, with the name of one of its tasks behind it unless it has only one.
        own: the task in the person's own words; none: it is one of the card's.

    Raises:
        CardError: the card has a mistake.
        ConfigError: the task is not named, or named twice.
        NotFound: nothing has this name.
    """
    card, name = _find(world)
    if own is not None:
        if name is not None:
            raise ConfigError(f"{world!r} names the task {name!r} already; leave it out, or leave --task out")
        return Target(card.id, None, own)
    if name is None and len(card.tasks) > 1:
        choices = ", ".join(f"{card.id}/{task}" for task in card.tasks)
        raise ConfigError(f"{card.id} has several tasks; say which: {choices}")
    chosen = name or next(iter(card.tasks))
    return Target(card.id, chosen, card.tasks[chosen].text)


def _find(world: str) -> tuple[EnvCard, str | None]:
    """Finds the card, and the task if one is named."""
    env, _, name = world.rpartition("/")
    try:
        return find_card(world), None
    except NotFound as unknown:
        try:
            card = find_card(env) if env else None
        except NotFound:
            card = None
        if card is None:
            raise unknown from None
    if name not in card.tasks:
        raise NotFound("task", name, card.tasks, f"{card.id} has {', '.join(card.tasks)}")
    return card, name
