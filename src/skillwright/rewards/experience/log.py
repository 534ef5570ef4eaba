"""The experience a run begins with: whole episodes in one artifact, so that a resumed run finds them as they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from skillwright.core.errors import ConfigError, CorruptArtifact
from skillwright.core.seeding import generator
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners.tensor_record import read_record, write_record
from skillwright.rewards.experience.coverage import Coverage
from skillwright.rewards.experience.records import EpisodeRecord, LoggedEpisode, card_hash

__all__ = ["ExperienceLog", "LogHeader", "choose_episodes"]

_MOST_TRANSITIONS: Final = 60_000
"""Beyond that, a random part of the episodes is taken: scoring and learning take time."""


class LogHeader(BaseModel):
    """What is known of the episodes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["skillwright/experience-v1"] = "skillwright/experience-v1"
    source: str
    """What was asked for."""
    card: str
    """``card_hash`` of the world."""
    coverage: Coverage
    lengths: list[int]
    """Transitions of each episode."""
    records: list[EpisodeRecord]
    """Of each episode."""


@dataclass(frozen=True)
class ExperienceLog:
    """Episodes of earlier candidates."""

    header: LogHeader
    block: TransitionBlock
    """All episodes, one behind the other."""

    @cached_property
    def episodes(self) -> list[TransitionBlock]:
        """The episodes, each in time order."""
        ends = np.cumsum(self.header.lengths)
        return [self.block.at(slice(end - length, end)) for end, length in zip(ends, self.header.lengths, strict=True)]

    @property
    def ends(self) -> NDArray[np.int64]:
        """One past the last transition of each episode. Shape: (num_episodes,)."""
        return np.cumsum(self.header.lengths)

    @property
    def num_policies(self) -> int:
        """Trainings that the episodes come from."""
        return len({(one.run_id, one.candidate_id, one.training_seed) for one in self.header.records})

    def described(self) -> str:
        """Says what it holds, in one line."""
        return (
            f"{len(self.header.lengths)} episodes ({self.block.num_transitions:,} env steps) of {self.num_policies} "
            f"earlier policies from {self.header.source}; {self.header.coverage.described()}"
        )

    def to_bytes(self) -> bytes:
        """Writes the log as one safetensors file."""
        return write_record(self.block._asdict(), self.header)

    @classmethod
    def from_bytes(cls, data: bytes, card: EnvCard) -> "ExperienceLog":
        """Reads what ``to_bytes`` wrote.

        Args:
            data: the file's bytes.
            card: the world.

        Raises:
            CorruptArtifact: the bytes are not such a file.
            ConfigError: they are of another world.
        """
        header, tensors = read_record(LogHeader, data, name="an experience file")
        try:
            block = TransitionBlock(**tensors)
        except TypeError as error:
            raise CorruptArtifact(f"not an experience file: {error}") from error
        if header.card != card_hash(card):
            raise ConfigError(f"the experience from {header.source} is of another world than {card.id}")
        return cls(header, block)


def choose_episodes(logged: Iterable[LoggedEpisode], *, most: int = _MOST_TRANSITIONS) -> list[LoggedEpisode]:
    """Takes each episode once, and of very many a random part.

    Args:
        logged: episodes, some of them perhaps twice.
        most: transitions of all that are taken; one episode is taken however long it is.
    """
    episodes = list({one.record.uid: one for one in logged if one.block.num_transitions}.values())
    if _total(episodes) <= most:
        return episodes
    order = generator(0, "choose episodes").permutation(len(episodes))
    totals = np.cumsum([episodes[number].block.num_transitions for number in order])
    chosen = sorted(order[: max(1, int(np.searchsorted(totals, most, side="right")))])
    return [episodes[number] for number in chosen]


def _total(episodes: Sequence[LoggedEpisode]) -> int:
    return sum(one.block.num_transitions for one in episodes)
