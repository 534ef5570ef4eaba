"""Puts kept datasets together into the log that a run begins with, and refuses what says too little."""

from collections.abc import Sequence
from pathlib import Path

from skillwright.core.errors import ConfigError
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.rewards.experience.coverage import measure_coverage, refuse_uncovered
from skillwright.rewards.experience.log import ExperienceLog, LogHeader, choose_episodes
from skillwright.rewards.experience.minari_files import read_dataset
from skillwright.rewards.experience.records import card_hash, copied

__all__ = ["gather"]


def gather(places: Sequence[Path], source: str, card: EnvCard, *, seed: int) -> ExperienceLog:
    """Reads datasets and measures what they cover.

    Args:
        places: folders of the datasets.
        source: what the person named.
        card: the world.
        seed: of the run; the same datasets and seed give the same log.

    Raises:
        ConfigError: there is no episode, a dataset is damaged or of another world, or they cover too little.
        MissingExtra: Minari is not installed.
    """
    logged = choose_episodes(episode for place in places for episode in read_dataset(place, card))
    if not logged:
        raise ConfigError(
            f"nothing was kept of {source}, or it has given way to newer experience; run it with --keep-experience MB"
        )
    coverage = measure_coverage(card, logged, seed=seed)
    refuse_uncovered(coverage, source)
    header = LogHeader(
        source=source,
        card=card_hash(card),
        coverage=coverage,
        lengths=[one.block.num_transitions for one in logged],
        records=[one.record for one in logged],
    )
    return ExperienceLog(header, copied(TransitionBlock.join([one.block for one in logged])))
