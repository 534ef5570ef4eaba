"""Which task of a card a sentence means, by its words."""

import hashlib
import math
from typing import NamedTuple

from skillwright.agents.planners.words import stems
from skillwright.agents.run_types import RunRequest
from skillwright.core import NotFound
from skillwright.core.serialising import to_json
from skillwright.envs import EnvCard

__all__ = ["TaskMatch", "choose_task", "fingerprint", "match_task"]


class TaskMatch(NamedTuple):
    """The task that a text is nearest to."""

    name: str
    is_certain: bool
    """Whether its words speak for this task, and for no other as much."""
    num_words: int
    """Words that it shares with the task."""


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


def match_task(text: str, card: EnvCard) -> TaskMatch:
    """Finds the task that a text is nearest to: one that it calls by its name, else the one with most of its words.

    Args:
        text: a sentence, or a part of one.
        card: the world.
    """
    words = stems(text)
    overlap = {name: len(words & stems(f"{name} {task.text}")) for name, task in card.tasks.items()}
    ranks = {name: (_earliness(name, text), overlap[name]) for name in overlap}
    best = max(ranks, key=lambda name: ranks[name])
    is_alone = all(ranks[best] > rank for name, rank in ranks.items() if name != best)
    return TaskMatch(best, is_alone and overlap[best] > 0, overlap[best])


def _nearest_task(text: str, card: EnvCard) -> tuple[str, str]:
    """Chooses a task, and says why."""
    best, _, num_words = match_task(text, card)
    if len(card.tasks) == 1:
        return best, f"{card.id} has one task, {best}, by which the skill is judged: {card.tasks[best].text}"
    names = ", ".join(card.tasks)
    if num_words == 0:
        return best, f"The sentence names none of the tasks of {card.id} ({names}); {best} is taken, see --task."
    return best, f"Of the tasks of {card.id} ({names}), {best} is nearest to the sentence."


def _earliness(name: str, text: str) -> float:
    """Says how early a sentence calls a task by its name; minus infinity if it does not."""
    wanted = stems(name)
    places = [place for place, word in enumerate(text.split()) if stems(word) & wanted]
    return -places[0] if places else -math.inf
