"""Keeps what the candidates of a shard lived through: their judged episodes, and some from while they were trained."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from skillwright.core.seeding import generator
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners import EpisodeScore, EpisodeScorer, RewardSource, ScoredBlock
from skillwright.rewards.experience.minari_files import write_dataset
from skillwright.rewards.experience.records import EpisodeRecord, KeepRequest, LoggedEpisode, copied
from skillwright.rewards.experience.shelf import ExperienceShelf

__all__ = ["Keeper", "Origin"]

_NUM_JUDGED: Final = 8
"""Judged episodes that are kept of each policy."""
_NUM_EXPLORING: Final = 24
"""Episodes that are kept of each training, drawn evenly from all that it told of."""

_EPISODE_BYTES: Final = 12_000
"""What HDF5 takes for an episode beside its numbers."""

Origin = tuple[str, int]
"""Id of a candidate and seed of its training."""


class Keeper:
    """Collects episodes in a worker and writes them as one dataset at the end.

    Of what was trained before the newest checkpoint nothing is known after a worker was lost; what is learned never
    depends on what is kept.

    Args:
        card: the world.
        request: where to, and how much.
    """

    def __init__(self, card: EnvCard, request: KeepRequest) -> None:
        self._card = card
        self._request = request
        self._judged: list[LoggedEpisode] = []
        self._exploring: dict[Origin, list[TransitionBlock]] = {}
        self._seen: dict[Origin, int] = {}
        self._current: tuple[Origin, TransitionBlock] | None = None

    def watching(self, source: RewardSource, origin: Origin) -> RewardSource:
        """Gives a reward source that tells whose transitions are being scored.

        Args:
            source: scores them.
            origin: whose they are.
        """
        return _Watched(source, origin, self)

    def sampling(self, scorer: EpisodeScorer) -> EpisodeScorer:
        """Gives a scorer that lets some of the training episodes be kept.

        Learners score a member's transitions before its finished episodes, so the last transitions say whose these
        are; episodes that end elsewhere are nobody's and are not kept.

        Args:
            scorer: scores episodes.
        """

        def score(episodes: Sequence[TransitionBlock]) -> list[EpisodeScore]:
            self._sample(episodes)
            return scorer(episodes)

        return score

    def scored(self, origin: Origin, block: TransitionBlock) -> None:
        """Takes note of whose transitions were scored last.

        Args:
            origin: whose.
            block: the transitions.
        """
        self._current = origin, block

    def judged(self, origin: Origin, policy: str, episodes: Sequence[TransitionBlock], seeds: Sequence[int]) -> None:
        """Keeps judged episodes.

        Args:
            origin: whose.
            policy: SHA-256 of the policy's artifact.
            episodes: whole ones.
            seeds: of their worlds.
        """
        for block, seed in zip(episodes[:_NUM_JUDGED], seeds, strict=False):
            record = self._record(origin, f"judged-{seed}", policy=policy, world_seed=seed, player="judged")
            self._judged.append(LoggedEpisode(block, record))

    def write(self) -> None:
        """Writes what was kept; nothing if nothing was.

        Raises:
            MissingExtra: Minari is not installed.
            StorageError: the disk is full, or the folder cannot be written.
        """
        exploring = [
            LoggedEpisode(block, self._record(origin, f"exploring-{number}", player="exploring"))
            for origin, blocks in self._exploring.items()
            for number, block in enumerate(blocks)
        ]
        episodes = [*self._judged, *exploring]
        if not episodes:
            return
        first = episodes[0].record
        name = f"{self._request.run_id}/{self._request.stage}-{first.candidate_id}-{first.training_seed}-v0"
        max_bytes = self._request.max_mb * 1e6
        write = partial(write_dataset, dataset_id=name, card=self._card, episodes=_thinned(episodes, max_bytes))
        ExperienceShelf(Path(self._request.folder)).add(name, write, max_bytes=max_bytes)

    def _record(self, origin: Origin, name: str, **told: object) -> EpisodeRecord:
        candidate_id, seed = origin
        run_id, stage = self._request.run_id, self._request.stage
        known = {"run_id": run_id, "candidate_id": candidate_id, "training_seed": seed, **told}
        return EpisodeRecord.model_validate({"uid": f"{run_id}/{stage}/{candidate_id}/{seed}/{name}", **known})

    def _sample(self, episodes: Sequence[TransitionBlock]) -> None:
        """Draws evenly from a stream of unknown length (reservoir sampling, Vitter 1985, algorithm R)."""
        if self._current is None:
            return
        (origin, block), self._current = self._current, None
        kept = self._exploring.setdefault(origin, [])
        for episode in episodes:
            if not (block.next_observation == episode.next_observation[-1]).all(axis=1).any():
                continue
            number = self._seen[origin] = self._seen.get(origin, 0) + 1
            place = int(generator(origin[1], "kept", origin[0], number).integers(number))
            if len(kept) < _NUM_EXPLORING:
                kept.append(copied(episode))
            elif place < _NUM_EXPLORING:
                kept[place] = copied(episode)


class _Watched:
    """A reward source that is watched."""

    def __init__(self, source: RewardSource, origin: Origin, keeper: Keeper) -> None:
        self._source = source
        self._origin = origin
        self._keeper = keeper

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``."""
        self._keeper.scored(self._origin, block)
        return self._source.score(block)


def _thinned(episodes: list[LoggedEpisode], max_bytes: float) -> list[LoggedEpisode]:
    """Takes every second episode until what is left fits; one always stays."""
    while len(episodes) > 1 and sum(_EPISODE_BYTES + _num_bytes(one.block) for one in episodes) > max_bytes:
        episodes = episodes[::2]
    return episodes


def _num_bytes(block: TransitionBlock) -> int:
    return sum(column.nbytes for column in block if column is not block.next_observation)
