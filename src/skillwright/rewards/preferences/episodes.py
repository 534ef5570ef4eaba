"""Recorded episodes as artifacts: the transitions to learn from, the seed and actions to film again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np
from pydantic import BaseModel, ConfigDict

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.errors import CorruptArtifact
from skillwright.core.seeding import generator
from skillwright.envs import Actions, Backend, EnvCard, TransitionBlock, make_vector_env
from skillwright.learners import Policy
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.tensor_record import read_record, write_record
from skillwright.rewards.preferences.records import Clip

__all__ = ["Episode", "EpisodeSpec", "Shelf", "record_episodes", "record_random_episodes"]


class EpisodeSpec(BaseModel):
    """Where the transitions of an episode are from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["skillwright/episode-v1"] = "skillwright/episode-v1"
    env_id: str
    """The world."""
    seed: int
    """Seed of the world; with the actions it gives the episode again."""
    player: str
    """Who acted: SHA-256 of a policy's artifact, or ``random``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One whole episode, and where it is from."""

    spec: EpisodeSpec
    """Where it is from."""
    block: TransitionBlock
    """Its transitions in time order."""

    def to_bytes(self) -> bytes:
        """Writes the episode as one safetensors file with its spec in the header."""
        return write_record(self.block._asdict(), self.spec)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Episode":
        """Reads what ``to_bytes`` wrote.

        Args:
            data: the file's bytes.

        Raises:
            CorruptArtifact: the bytes are not such a file.
        """
        spec, tensors = read_record(EpisodeSpec, data, name="an episode file")
        try:
            return cls(spec=spec, block=TransitionBlock(**tensors))
        except TypeError as error:
            raise CorruptArtifact(f"not an episode file: {error}") from error


@dataclass(frozen=True, slots=True)
class Shelf:
    """Episodes by the hash of their artifact, each read once."""

    store: ArtifactStore
    _read: dict[str, Episode] = field(default_factory=dict, repr=False)

    def put(self, episode: Episode) -> str:
        """Stores an episode.

        Args:
            episode: the episode.

        Returns:
            SHA-256 of its artifact.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.
        """
        return self.store.put(episode.to_bytes())

    def episode(self, sha: str) -> Episode:
        """Gives an episode.

        Args:
            sha: what ``put`` returned.

        Raises:
            CorruptArtifact: its file is missing or damaged.
        """
        if sha not in self._read:
            self._read[sha] = Episode.from_bytes(self.store.get(sha))
        return self._read[sha]

    def clip(self, clip: Clip) -> TransitionBlock:
        """Gives the transitions of a clip.

        Args:
            clip: a segment of a stored episode.

        Raises:
            CorruptArtifact: the file of its episode is missing or damaged, or too short.
        """
        block = self.episode(clip.episode).block
        if clip.stop > block.num_transitions:
            raise CorruptArtifact(f"an episode of {block.num_transitions} steps has no clip that ends at {clip.stop}")
        return block.at(slice(clip.start, clip.stop))


def record_episodes(card: EnvCard, policy: Policy, seeds: Sequence[int], *, player: str) -> list[Episode]:
    """Plays whole episodes with a policy.

    Args:
        card: the world.
        policy: who acts.
        seeds: one per episode.
        player: SHA-256 of the policy's artifact.

    Returns:
        One episode per seed.

    Raises:
        MissingExtra: what this world needs is not installed.
        EnvError: the world cannot be made.
    """
    [blocks] = play_episodes(card, [policy], seeds, backend=_backend(card))
    return _with_specs(card, blocks, seeds, player)


def record_random_episodes(card: EnvCard, seeds: Sequence[int]) -> list[Episode]:
    """Plays whole episodes with actions that are drawn anew at every step, all alike probable.

    Args:
        card: the world.
        seeds: one per episode.

    Returns:
        One episode per seed; an episode depends on its seed alone.

    Raises:
        MissingExtra: what this world needs is not installed.
        EnvError: the world cannot be made.
    """
    return _with_specs(card, [_play_at_random(card, seed) for seed in seeds], seeds, "random")


def _with_specs(card: EnvCard, blocks: Sequence[TransitionBlock], seeds: Sequence[int], player: str) -> list[Episode]:
    specs = [EpisodeSpec(env_id=card.id, seed=seed, player=player) for seed in seeds]
    return [Episode(spec=spec, block=block) for spec, block in zip(specs, blocks, strict=True)]


def _play_at_random(card: EnvCard, seed: int) -> TransitionBlock:
    random = generator(seed, "random-actions")
    env = make_vector_env(card, [seed], backend=_backend(card))
    try:
        observation, steps, ended = env.reset(), [], False
        while not ended:
            action = _draw(card, random)
            after = env.step(action)
            steps.append(
                TransitionBlock(observation, action, after.observation, after.terminated, after.truncated, after.reward)
            )
            observation, ended = after.observation, bool(after.terminated[0] or after.truncated[0])
    finally:
        env.close()
    return TransitionBlock.join(steps)


def _backend(card: EnvCard) -> Backend:
    """Chooses the backend that films, because another one draws another world from the same seed."""
    return "gymnasium" if card.gymnasium_id is not None else "envpool"


def _draw(card: EnvCard, random: np.random.Generator) -> Actions:
    if card.actions.kind == "discrete":
        return random.integers(card.actions.size, size=1)
    low, high = card.actions.bounds
    return cast("Actions", random.uniform(low, high, size=(1, card.actions.size)).astype(np.float32))
