"""Journalled replies of language models: one file per task, replayable by anyone without a key."""

import hashlib
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.protocol import Message
from benchmarks.rewards.conditions import MODEL
from benchmarks.rewards.scale import Name
from benchmarks.rewards.worlds import slug
from skillwright.core.serialising import from_json

__all__ = ["REPLIES", "Bill", "Recorded", "bill_of", "place_of", "replies_of"]

REPLIES: Final = Path(__file__).resolve().parent / "replies"


class Bill(Message):
    """What the replies cost when they were asked for; kept beside them."""

    tokens: int
    """Of questions and replies together."""
    usd: float
    """Of the requests whose price was known."""


class Recorded(NamedTuple):
    """A file of replies."""

    path: Path
    digest: str
    """SHA-256 of the file."""

    def bill(self) -> Bill:
        """Reads what the replies cost; nothing if nobody kept the bill."""
        file = bill_of(self.path)
        return from_json(Bill, file.read_text(encoding="utf-8")) if file.is_file() else Bill(tokens=0, usd=0.0)


def place_of(scale: Name, task: str, condition: str) -> Path:
    """Says where the replies to a condition's questions lie.

    Args:
        scale: name of the scale; other sizes ask other questions.
        task: ``ENV/TASK``.
        condition: one that asks a model.
    """
    addition = condition.removeprefix(MODEL).replace(", ", ".").replace(" ", "-")
    return REPLIES / scale / f"{slug(task)}{addition}.jsonl"


def replies_of(scale: Name, task: str, condition: str) -> Recorded | None:
    """Finds the replies to a condition's questions; none if nobody has recorded any.

    Args:
        scale: name of the scale.
        task: ``ENV/TASK``.
        condition: one that asks a model.
    """
    path = place_of(scale, task, condition)
    return Recorded(path, hashlib.sha256(path.read_bytes()).hexdigest()) if path.is_file() else None


def bill_of(replies: Path) -> Path:
    """Says where the bill of a file of replies lies.

    Args:
        replies: the file.
    """
    return replies.with_suffix(".bill.json")
