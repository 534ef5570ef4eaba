"""Films a policy at work, one episode after another."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from skillwright.envs import EnvCard, TransitionBlock
from skillwright.envs.rendering import Frame, encode_mp4, frames_per_second, record_episode
from skillwright.learners import Policy

__all__ = ["Video", "film"]


class Video(BaseModel):
    """The film of a skill, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    artifact: str | None
    """SHA-256 of the mp4; none if the world cannot be drawn."""
    problem: str = ""
    """Why there is none."""


def film(card: EnvCard, policy: Policy, seeds: Sequence[int], place: Path) -> list[TransitionBlock]:
    """Plays whole episodes and writes them as one video.

    Args:
        card: the world.
        policy: who plays.
        seeds: one per episode.
        place: where the mp4 goes.

    Returns:
        The episodes.

    Raises:
        EnvError: the world cannot be drawn.
        MissingExtra: what drawing or encoding needs is not installed.
        StorageError: the video cannot be written.
    """
    episodes: list[TransitionBlock] = []

    def draw() -> Iterator[Frame]:
        for seed in seeds:
            recorded = record_episode(card, lambda seen: policy.act(seen[None])[0], seed=seed)
            episodes.append(recorded.block)
            yield from recorded.frames

    encode_mp4(draw(), frames_per_second=frames_per_second(card), path=place)
    return episodes
