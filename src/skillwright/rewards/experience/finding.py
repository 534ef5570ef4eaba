"""Finds the experience that a person names, and puts it aside as one artifact before a run begins."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.envs import EnvCard
from skillwright.learners.registry import make_learner
from skillwright.learners.warm_start import refuse_unable
from skillwright.rewards.experience.gathering import gather
from skillwright.rewards.experience.log import ExperienceLog
from skillwright.rewards.experience.minari_files import DATA
from skillwright.rewards.experience.shelf import ExperienceShelf

__all__ = ["settle_experience"]

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def settle_experience(home: Home, reference: str, card: EnvCard, *, seed: int) -> str:
    """Gathers the experience that a run begins with; from then on it is the run's own, whatever gives way elsewhere.

    Args:
        home: the home folder.
        reference: a run, a dataset of one (``RUN/NAME-v0``), the folder of any dataset of Minari's, or what this
            function has returned before.
        card: the world.
        seed: of the run.

    Returns:
        SHA-256 of the log's artifact.

    Raises:
        NotFound: there is no such run.
        ConfigError: nothing was kept, it covers too little or is of another world, or the card's learner cannot begin
            with it.
        MissingExtra: Minari is not installed.
        StorageError: the home folder cannot be used.
    """
    store = ArtifactStore(home.artifacts)
    refuse_unable(make_learner(card), card.learner.algorithm)
    if _SHA256.fullmatch(reference) and reference in store:
        ExperienceLog.from_bytes(store.get(reference), card)
        return reference
    source, places = _find(home, reference)
    return store.put(gather(places, source, card, seed=seed).to_bytes())


def _find(home: Home, reference: str) -> tuple[str, Sequence[Path]]:
    """Gives what to call it, and the folders of its datasets."""
    shelf = ExperienceShelf.of(home)
    for place in (Path(reference).expanduser(), shelf.place(reference)):
        if (place / DATA).is_dir():
            return f"the dataset {reference}", [place]
    run_id = Journal(Database.open(home)).run(reference).id
    return f"the run {run_id}", shelf.datasets(run_id)
