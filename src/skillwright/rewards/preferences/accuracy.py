"""How often a learned reward agrees with choices it was not fitted to."""

from collections.abc import Sequence

import numpy as np

from skillwright.core.statistics import wilson_interval
from skillwright.envs import EnvCard
from skillwright.rewards.preferences.episodes import Shelf
from skillwright.rewards.preferences.model import PreferenceModel
from skillwright.rewards.preferences.records import Choice, PairAccuracy

__all__ = ["measure_accuracy"]


def measure_accuracy(card: EnvCard, shelf: Shelf, model: PreferenceModel, choices: Sequence[Choice]) -> PairAccuracy:
    """Compares predicted returns with choices.

    Args:
        card: the world.
        shelf: holds the episodes.
        model: the learned reward.
        choices: any number, of pairs the model was not fitted to; those that prefer neither clip are left out.

    Raises:
        CorruptArtifact: an episode is missing or damaged.
    """
    told = [choice for choice in choices if choice.preferred in ("a", "b")]
    agreed = 0
    for choice in told:
        a, b = (model.rewards(card, shelf.clip(clip)).sum(dtype=np.float64) for clip in (choice.pair.a, choice.pair.b))
        agreed += int(a != b and (a > b) == (choice.preferred == "a"))
    return PairAccuracy(num_pairs=len(told), num_agreed=agreed, interval=wilson_interval(agreed, len(told)))
