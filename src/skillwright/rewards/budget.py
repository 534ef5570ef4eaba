"""How the env steps of a run are shared out between generations and finals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from skillwright.core import BudgetExceeded, ConfigError
from skillwright.learners import Race

__all__ = ["EvolutionConfig", "share_out", "split"]

T = TypeVar("T")

_SEARCH_SHARE: Final = 0.7
"""Share of the budget that is spent on generations; the rest trains finalists and the reference."""
_MIN_ROLLOUTS: Final = 2
"""Fewest rollouts from which a candidate's fitness means anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvolutionConfig:
    """The size of an evolution, in the end in env steps."""

    seed: int
    num_candidates: int
    """Candidates per generation."""
    num_generations: int
    search_timesteps: int
    """Env steps of a candidate that stays in its generation's race."""
    final_timesteps: int
    """Env steps per policy in the finals."""
    heats: tuple[float, ...] = (0.4,)
    """Fractions of a generation's training at which the worse half of each shard is dropped (docs/adr/0009)."""
    num_finalists: int = 2
    """Candidates that are retrained in the finals."""
    num_final_seeds: int = 3
    """Fresh seeds on which each finalist, and the reference, is retrained."""
    num_selection: int = 24
    """Episodes on which candidates are compared."""
    num_held_out: int = 100
    """Episodes on which the winner is judged."""
    num_workers: int = 1
    """Worker processes; part of the config because the shards' layout can move the last bits of a policy."""

    @property
    def total_timesteps(self) -> int:
        """Env steps of the whole run, the reference included."""
        search = self.num_generations * self.generation_timesteps(self.search_timesteps)
        return search + (self.num_finalists + 1) * self.num_final_seeds * self.final_timesteps

    def generation_timesteps(self, search_timesteps: int) -> int:
        """Computes what one generation spends.

        Args:
            search_timesteps: env steps of a candidate that stays in the race.
        """
        shards = [len(shard) for shard in split(range(self.num_candidates), self.num_workers)]
        race = Race(heats=self.heats)
        return sum(race.expected_timesteps(size, search_timesteps) for size in shards)


def share_out(config: EvolutionConfig, total_timesteps: int, rollout_timesteps: int) -> EvolutionConfig:
    """Shares a budget out, in whole rollouts.

    Args:
        config: the evolution; its env steps are replaced.
        total_timesteps: env steps of the whole run.
        rollout_timesteps: env steps per candidate between two updates.

    Returns:
        The evolution with its env steps set; their sum is at most about the budget.

    Raises:
        BudgetExceeded: the budget is too small for one generation and the finals.
        ConfigError: a size is not positive.
    """
    for name in ("num_candidates", "num_generations", "num_held_out", "num_workers"):
        if getattr(config, name) < 1:
            raise ConfigError(f"{name.replace('_', ' ')} must be at least 1, not {getattr(config, name)}")
    num_search = config.num_generations * config.generation_timesteps(rollout_timesteps) / rollout_timesteps
    num_final = (config.num_finalists + 1) * config.num_final_seeds
    smallest = math.ceil(_MIN_ROLLOUTS * rollout_timesteps * (num_search + num_final))
    if total_timesteps < smallest:
        raise BudgetExceeded(
            f"{total_timesteps:,} env steps are too few for {config.num_generations} generations of "
            f"{config.num_candidates} candidates; give at least --timesteps {smallest}, or ask for fewer of them"
        )
    per_candidate = _whole(total_timesteps * _SEARCH_SHARE / num_search, rollout_timesteps)
    left = total_timesteps - config.num_generations * config.generation_timesteps(per_candidate)
    return replace(config, search_timesteps=per_candidate, final_timesteps=_whole(left / num_final, rollout_timesteps))


def split(items: Sequence[T], num_shards: int) -> list[Sequence[T]]:
    """Deals items out to shards, like cards.

    Args:
        items: what is dealt.
        num_shards: at most so many; none is empty.
    """
    return [items[first::num_shards] for first in range(min(num_shards, len(items)))]


def _whole(timesteps: float, rollout_timesteps: int) -> int:
    return max(_MIN_ROLLOUTS, int(timesteps // rollout_timesteps)) * rollout_timesteps
