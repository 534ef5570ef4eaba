"""How much of what a new candidate will meet is in a log; beyond that, what was learned from the log is a guess.

The measure is Coverage of Naeem et al. 2020 (arXiv:2002.09797, equation 10), with k = 5 as there: the share of wanted
samples in whose neighbourhood there is a logged one. The neighbourhood of a sample is the ball around it that reaches
its k-th nearest neighbour among the wanted ones. Samples are states with their actions, every component divided by its
deviation. From one distribution, and with at least as many logged samples, it is about 1 - 2⁻ᵏ = 0.97.

Two things are wanted, and the lower share of the two counts. Where a policy *begins*: fresh episodes of random actions,
held for a while so that they lead somewhere. And where its training will *lead*: to wherever those of earlier
candidates did, so that each of them in turn is left out of the log, and the share of it that the others' logs cover is
what can be expected for the next one.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from skillwright.core.errors import ConfigError
from skillwright.core.seeding import generator
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.rewards.experience.records import LoggedEpisode
from skillwright.rewards.screens.recording import record_random_episodes

__all__ = ["LEAST_COVERAGE", "Coverage", "measure_coverage", "refuse_uncovered", "share_covered"]

LEAST_COVERAGE: Final = 0.5
"""Share below which a log is refused."""
_NEIGHBOURS: Final = 5
_NUM_WANTED: Final = 500
_NUM_LOGGED: Final = 5_000
_MOST_LEFT_OUT: Final = 16
"""Earlier trainings that are left out in turn; of more, some."""

Double = NDArray[np.float64]


class Coverage(BaseModel):
    """What share of the wanted samples a log covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beginning: float
    """Of fresh episodes under random actions."""
    leading: float
    """Of an earlier training by the logs of the others, on average; 0 if there is but one."""

    @property
    def share(self) -> float:
        """The lower of the two."""
        return min(self.beginning, self.leading)

    def described(self) -> str:
        """Says both shares in words."""
        return (
            f"it covers {self.beginning:.0%} of what random actions meet, and {self.leading:.0%} of an earlier "
            "training that is left out"
        )


def measure_coverage(card: EnvCard, logged: Sequence[LoggedEpisode], *, seed: int) -> Coverage:
    """Measures how much of what a new candidate will meet is in a log.

    Args:
        card: the world.
        logged: at least one episode.
        seed: of fresh episodes, and of what is drawn from the log.
    """
    random = generator(seed, "coverage")
    samples = [_samples(card, one.block) for one in logged]
    fresh = np.concatenate([_samples(card, block) for block in record_random_episodes(card, seed=seed)])
    scale = _scale(np.concatenate([fresh, *samples]))
    wanted, everything = _draw(fresh, _NUM_WANTED, random), _draw(np.concatenate(samples), _NUM_LOGGED, random)
    shares = _left_out(_by_policy(logged, samples), scale, random)
    return Coverage(
        beginning=share_covered(wanted * scale, everything * scale),
        leading=float(np.mean(shares)) if shares else 0.0,
    )


def refuse_uncovered(coverage: Coverage, source: str) -> None:
    """Refuses a log that says too little of what a new candidate will meet.

    Args:
        coverage: of the log.
        source: of the log, as the person named it.

    Raises:
        ConfigError: it covers less than ``LEAST_COVERAGE``.
    """
    if coverage.share < LEAST_COVERAGE:
        raise ConfigError(
            f"the experience from {source} covers too little, {coverage.share:.0%} where {LEAST_COVERAGE:.0%} is the "
            f"least: {coverage.described()}; what would be learned from it is a guess. Name a run with more candidates "
            "or more env steps, keep more of it (--keep-experience MB), or leave --from-experience out"
        )


def share_covered(wanted: Double, logged: Double) -> float:
    """Computes the share of wanted samples with a logged one in their neighbourhood.

    Args:
        wanted: Shape: (num_wanted, size), more than one.
        logged: Shape: (num_logged, size).
    """
    neighbours = min(_NEIGHBOURS, len(wanted) - 1)
    radius = np.partition(_distances(wanted, wanted), neighbours, axis=1)[:, neighbours]
    return float((_distances(wanted, logged).min(axis=1) <= radius).mean())


def _distances(ones: Double, others: Double) -> Double:
    """Gives squared distances. Shape: (num_ones, num_others)."""
    squared: Double = np.square(ones).sum(axis=1)[:, None] + np.square(others).sum(axis=1) - 2.0 * ones @ others.T
    distances: Double = np.maximum(squared, 0.0)
    return distances


def _samples(card: EnvCard, block: TransitionBlock) -> Double:
    """Puts state and action side by side; a choice has one component per choice."""
    if card.actions.kind == "discrete":
        action = np.eye(card.actions.size)[np.asarray(block.action, np.int64)]
    else:
        action = np.asarray(block.action, np.float64)
    return np.concatenate([block.observation.astype(np.float64), action], axis=1)


def _scale(samples: Double) -> Double:
    """Gives 1 / deviation of every component; of one that never changes, 0. Shape: (size,)."""
    deviation: Double = samples.std(axis=0)
    scale: Double = np.zeros_like(deviation)
    scale[deviation > 1e-9] = 1.0 / deviation[deviation > 1e-9]
    return scale


def _draw(samples: Double, num: int, random: np.random.Generator) -> Double:
    return samples if len(samples) <= num else samples[random.choice(len(samples), num, replace=False)]


def _by_policy(logged: Sequence[LoggedEpisode], samples: Sequence[Double]) -> Mapping[object, tuple[Double, ...]]:
    """Sorts samples by the training they come from; the exploring ones, as those of a next training explore too."""
    is_any_exploring = any(one.record.player == "exploring" for one in logged)
    found: dict[object, tuple[Double, ...]] = {}
    for (_, record), own in zip(logged, samples, strict=True):
        name = (record.run_id, record.candidate_id, record.training_seed) if record.candidate_id else record.uid
        found.setdefault(name, ())
        if record.player == "exploring" or not is_any_exploring:
            found[name] += (own,)
    return {name: own for name, own in found.items() if own}


def _left_out(
    by_policy: Mapping[object, tuple[Double, ...]], scale: Double, random: np.random.Generator
) -> list[float]:
    names = list(by_policy)
    if len(names) < 2:
        return []
    shares = []
    for position in np.unique(np.linspace(0, len(names) - 1, _MOST_LEFT_OUT).astype(int)):
        wanted = _draw(np.concatenate(by_policy[names[position]]), _NUM_WANTED, random)
        others = np.concatenate([one for name in names if name != names[position] for one in by_policy[name]])
        if len(wanted) > 1:
            shares.append(share_covered(wanted * scale, _draw(others, _NUM_LOGGED, random) * scale))
    return shares
