"""What the journal holds of an evolution, as far as it has come."""

import re
from typing import Final

from skillwright.core.journal import Journal
from skillwright.rewards.records import Generation, Reflection, Screened, Trained, TrainedShard

__all__ = ["read_finals", "read_generations"]

_SCREENED: Final = re.compile(r"g(?P<index>\d+)/screened")


def read_generations(journal: Journal, run_id: str) -> list[Generation]:
    """Reads the generations whose candidates were screened; ``trained`` holds what is trained so far.

    One without candidates, for which the budget did not suffice, is none.

    Args:
        journal: the journal.
        run_id: id of the run.

    Raises:
        StorageError: an entry cannot be read.
    """
    indices = sorted(int(match["index"]) for match in map(_SCREENED.fullmatch, journal.keys(run_id)) if match)
    generations = [_generation(journal, run_id, index) for index in indices]
    return [generation for generation in generations if generation.candidates or generation.trained]


def read_finals(journal: Journal, run_id: str) -> list[Trained]:
    """Reads what was trained in the finals so far.

    Args:
        journal: the journal.
        run_id: id of the run.

    Raises:
        StorageError: an entry cannot be read.
    """
    return _trained(journal, run_id, "finals")


def _generation(journal: Journal, run_id: str, index: int) -> Generation:
    screened = journal.get(run_id, f"g{index}/screened", Screened)
    assert screened is not None, "a committed entry was lost"
    reflection = journal.get(run_id, f"g{index}/reflection", Reflection)
    return Generation(
        index=index,
        candidates=screened.candidates,
        screenings=screened.screenings,
        trained=_trained(journal, run_id, f"g{index}"),
        reflection=reflection.text if reflection else "",
    )


def _trained(journal: Journal, run_id: str, stage: str) -> list[Trained]:
    """Collects what the shards of one stage trained, as far as they are finished."""
    keys = sorted(key for key in journal.keys(run_id) if key.startswith(f"{stage}/shard-"))
    shards = [journal.get(run_id, key, TrainedShard) for key in keys]
    return [one for shard in shards if shard for one in shard.trained]
