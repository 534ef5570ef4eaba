"""Checkpoints of a shard: the worker stores them as artifacts, the parent enters them into the journal."""

import itertools
from collections.abc import Callable, Iterator

from skillwright.core import ArtifactStore, CorruptArtifact
from skillwright.core.steps import Steps
from skillwright.rewards.records import Checkpoint

__all__ = ["CheckpointLog", "StoredCheckpoints"]


class StoredCheckpoints:
    """Is the ``Checkpoints`` of a learner in a worker.

    Args:
        store: where the states lie.
        newest: SHA-256 of the state to begin from; none: from the beginning.
        announce: called with the SHA-256 of every state that was saved.
    """

    def __init__(self, store: ArtifactStore, newest: str | None, announce: Callable[[str], None]) -> None:
        self._store = store
        self._newest = newest
        self._announce = announce

    def load(self) -> bytes | None:
        """Gives the state to begin from; none if there is none, or if it is missing or damaged."""
        if self._newest is None:
            return None
        try:
            return self._store.get(self._newest)
        except CorruptArtifact:
            return None

    def save(self, state: bytes) -> None:
        """Stores a state and announces it.

        Args:
            state: what ``load`` shall give.

        Raises:
            StorageError: the disk is full, or the store cannot be written.
        """
        self._announce(self._store.put(state))


class CheckpointLog:
    """The checkpoints of one shard in the journal, rows ``KEY/0``, ``KEY/1``, ...; only the newest artifact is kept.

    Args:
        steps: the journal.
        store: where the artifacts lie.
        key: begins the names of the rows.
    """

    def __init__(self, steps: Steps, store: ArtifactStore, key: str) -> None:
        self._steps = steps
        self._store = store
        self._key = key
        self._rows = list(self._read())

    @property
    def newest(self) -> Checkpoint | None:
        """The newest checkpoint; none before the first."""
        return self._rows[-1] if self._rows else None

    def add(self, checkpoint: Checkpoint) -> None:
        """Commits a checkpoint; its predecessor's artifact is not needed any more.

        Args:
            checkpoint: its artifact is in the store.

        Raises:
            StorageError: the journal or the store cannot be written.
        """
        before = self.newest
        self._rows.append(self._steps.once(f"{self._key}/{len(self._rows)}", Checkpoint, lambda: checkpoint))
        if before and before.artifact != checkpoint.artifact:
            self._store.discard(before.artifact)

    def clear(self) -> None:
        """Removes the artifacts of a shard whose result is in the journal; the rows stay.

        Raises:
            StorageError: the store cannot be written.
        """
        for row in self._rows:
            self._store.discard(row.artifact)

    def _read(self) -> Iterator[Checkpoint]:
        for number in itertools.count():
            row = self._steps.find(f"{self._key}/{number}", Checkpoint)
            if row is None:
                return
            yield row
