"""What is known of a kept episode beside its transitions, and what may be kept."""

import hashlib
import json
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from skillwright.envs import EnvCard, TransitionBlock

__all__ = ["EpisodeRecord", "KeepRequest", "LoggedEpisode", "card_hash", "copied"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EpisodeRecord(_Record):
    """Where an episode comes from."""

    uid: str
    """Unique among all episodes of all runs."""
    run_id: str = ""
    candidate_id: str = ""
    training_seed: int = 0
    """Seed of the training that made the policy."""
    world_seed: int | None = None
    """Seed of the episode's world; none: the world had been played in before."""
    player: Literal["judged", "exploring", "unknown"] = "unknown"
    """``judged``: the trained policy without exploration; ``exploring``: the policy while it was trained."""
    policy: str = ""
    """SHA-256 of the policy's artifact, if it is judged."""


class LoggedEpisode(NamedTuple):
    """One whole episode."""

    block: TransitionBlock
    """In time order."""
    record: EpisodeRecord


class KeepRequest(_Record):
    """Where a worker keeps what it sees, and how much of it."""

    folder: str
    """Of all kept experience."""
    run_id: str
    stage: str
    """Task and stage of the evolution, such as ``balance-g0`` or ``balance-finals``."""
    max_mb: float
    """Most megabytes (10⁶ bytes) on the disk, of all runs together; the oldest gives way."""


def copied(block: TransitionBlock) -> TransitionBlock:
    """Copies a block, column by column without gaps, so that it holds no larger one alive.

    Args:
        block: any.
    """
    return TransitionBlock(
        block.observation.copy(),
        block.action.copy(),
        block.next_observation.copy(),
        block.terminated.copy(),
        block.truncated.copy(),
        block.env_reward.copy(),
    )


def card_hash(card: EnvCard) -> str:
    """Hashes what gives numbers their meaning: the world, its fields and its actions, but not its tasks.

    Args:
        card: the world.

    Returns:
        64 hexadecimal digits; experience of two cards with one hash can be put together.
    """
    told = card.model_dump(mode="json", include={"id", "observation_size", "observation_keys", "fields", "actions"})
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
