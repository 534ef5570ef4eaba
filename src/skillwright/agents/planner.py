"""Planners: from a sentence to sub-tasks that the cards can judge."""

import hashlib
import math
import re
from typing import Final, Protocol

from skillwright.agents.run_types import Plan, RunRequest, SubTask
from skillwright.core import NotFound
from skillwright.core.serialising import to_json
from skillwright.envs import EnvCard
from skillwright.skills.library import Library

__all__ = ["CardPlanner", "Planner", "choose_task", "fingerprint"]

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


class Planner(Protocol):
    """Splits a sentence into sub-tasks."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    def plan(self, request: RunRequest, card: EnvCard) -> Plan:
        """Plans a request.

        Args:
            request: what the person asked for.
            card: the world they named.

        Returns:
            The plan.

        Raises:
            NotFound: the card does not have the task that was asked for.
        """
        ...


class CardPlanner:
    """Plans without a language model: finds the card's task that the sentence is nearest to, and a skill that has it.

    A task that the sentence calls by its name is nearest, the one named first if there are several; else the one with
    most words in common, as stems. A sentence that has no word of any gets the card's first task, and the plan says so.

    Args:
        library: searched for a skill made for the same sentence.
    """

    name = "CardPlanner"

    def __init__(self, library: Library) -> None:
        self._library = library

    def plan(self, request: RunRequest, card: EnvCard) -> Plan:
        """Plans a request; see ``Planner.plan``."""
        task, rationale = choose_task(request, card)
        skill = self._library.find_for(card.id, task, request.text) if request.reuse else None
        if skill and skill.card != fingerprint(card):
            rationale += f" The library's {skill.name}@{skill.version} was made with another version of the card."
            skill = None
        if skill:
            rationale += f" The library already has it: {skill.name}@{skill.version}."
        sub_task = SubTask(
            text=request.text,
            env_id=card.id,
            task=task,
            reuse=f"{skill.name}@{skill.version}" if skill else None,
        )
        return Plan(text=request.text, planner=self.name, sub_tasks=[sub_task], rationale=rationale)


def fingerprint(card: EnvCard) -> str:
    """Gives the SHA-256 under which a card is stored with the skills made with it.

    Args:
        card: the card.
    """
    return hashlib.sha256(to_json(card).encode()).hexdigest()


def choose_task(request: RunRequest, card: EnvCard) -> tuple[str, str]:
    """Chooses the card's task that judges a request.

    Args:
        request: what the person asked for.
        card: the world they named.

    Returns:
        Its name, and why it was chosen.

    Raises:
        NotFound: the card does not have the task that was asked for.
    """
    if request.task is None:
        return _nearest_task(request.text, card)
    if request.task not in card.tasks:
        raise NotFound("task", request.task, card.tasks, f"{card.id} has {', '.join(card.tasks)}")
    return request.task, f"The task {request.task} was asked for."


def _nearest_task(text: str, card: EnvCard) -> tuple[str, str]:
    """Chooses a task, and says why."""
    words = _stems(text)
    overlap = {name: len(words & _stems(f"{name} {task.text}")) for name, task in card.tasks.items()}
    best = max(overlap, key=lambda name: (_earliness(name, text), overlap[name]))
    if len(overlap) == 1:
        return best, f"{card.id} has one task, {best}, by which the skill is judged: {card.tasks[best].text}"
    names = ", ".join(overlap)
    if overlap[best] == 0:
        return best, f"The sentence names none of the tasks of {card.id} ({names}); {best} is taken, see --task."
    return best, f"Of the tasks of {card.id} ({names}), {best} is nearest to the sentence."


def _earliness(name: str, text: str) -> float:
    """Says how early a sentence calls a task by its name; minus infinity if it does not."""
    wanted = _stems(name)
    places = [place for place, word in enumerate(text.split()) if _stems(word) & wanted]
    return -places[0] if places else -math.inf


def _stems(text: str) -> frozenset[str]:
    """Gives the words that carry meaning, without their endings."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return frozenset(re.sub(r"(ing|ed|ly|es|s)$", "", word) if len(word) > 4 else word for word in words) - _COMMON
