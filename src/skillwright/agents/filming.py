"""Films a policy at work, one episode after another."""

from collections.abc import Sequence
from pathlib import Path

from skillwright.envs import EnvCard, TransitionBlock
from skillwright.envs.rendering import encode_mp4, frames_per_second, record_episode
from skillwright.learners import Policy

__all__ = ["film"]


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
    recorded = [record_episode(card, lambda seen: policy.act(seen[None])[0], seed=seed) for seed in seeds]
    frames = [frame for episode in recorded for frame in episode.frames]
    encode_mp4(frames, frames_per_second=frames_per_second(card), path=place)
    return [episode.block for episode in recorded]
