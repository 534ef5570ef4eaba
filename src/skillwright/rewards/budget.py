"""How the env steps of a run are shared out between generations and finals."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeVar

from skillwright.core import BudgetExceeded, ConfigError
from skillwright.learners import Race

__all__ = ["EvolutionConfig", "Rollouts", "share_out", "split"]

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
    search_timesteps: int = 0
    """Env steps of a candidate that stays in its generation's race."""
    search_rollout: int = 1
    """Env steps per candidate between two updates in a generation."""
    final_timesteps: int = 0
    """Env steps per policy in the finals."""
    heats: tuple[float, ...] = (0.4,)
    """Fractions of a generation's training at which the worse half of each shard is dropped (docs/adr/0009)."""
    has_reflection: bool = True
    """Whether a proposer is told what earlier generations taught; without it, it sees their fitness only."""
    has_screens: bool = True
    """Whether programs are screened for more than that they run and return what they must."""
    has_elites: bool = True
    """Whether parents come from all generations; without it, from the newest only."""
    has_diversity: bool = True
    """Whether parents that want nearly the same as a better one are passed over."""
    num_finalists: int = 2
    """Candidates that are retrained in the finals."""
    num_final_seeds: int = 3
    """Fresh seeds on which each finalist, and the reference, is retrained."""
    has_reference: bool = True
    """Whether a reference reward is retrained beside the finalists."""
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
        return search + self.num_finals * self.final_timesteps

    @property
    def num_finals(self) -> int:
        """Policies trained in the finals, those of the reference included."""
        num_finalists = min(self.num_finalists, self.num_candidates * self.num_generations)
        return (num_finalists + self.has_reference) * self.num_final_seeds

    def generation_timesteps(self, search_timesteps: int) -> int:
        """Computes what one generation spends.

        Args:
            search_timesteps: env steps of a candidate that stays in the race.
        """
        shards = [len(shard) for shard in split(range(self.num_candidates), self.num_workers)]
        race, num_updates = Race(heats=self.heats), search_timesteps // self.search_rollout
        return sum(race.count_updates(size, num_updates) for size in shards) * self.search_rollout


class Rollouts(NamedTuple):
    """Env steps per candidate between two updates; budgets are whole multiples of them."""

    search: int
    final: int


def share_out(config: EvolutionConfig, total_timesteps: int, rollouts: Rollouts) -> EvolutionConfig:
    """Shares a budget out, in whole rollouts.

    Args:
        config: the evolution; its env steps are replaced.
        total_timesteps: env steps of the whole run.
        rollouts: of the learner, in the generations and in the finals.

    Returns:
        The evolution with its env steps set; their sum is at most the budget.

    Raises:
        BudgetExceeded: the budget is too small for one generation and the finals.
        ConfigError: a size is not positive.
    """
    for name in ("num_candidates", "num_generations", "num_held_out", "num_workers"):
        if getattr(config, name) < 1:
            raise ConfigError(f"{name.replace('_', ' ')} must be at least 1, not {getattr(config, name)}")
    least = replace(
        config,
        search_timesteps=_MIN_ROLLOUTS * rollouts.search,
        search_rollout=rollouts.search,
        final_timesteps=_MIN_ROLLOUTS * rollouts.final,
    )
    if total_timesteps < least.total_timesteps:
        raise BudgetExceeded(
            f"{total_timesteps:,} env steps are too few for {config.num_generations} generations of "
            f"{config.num_candidates} candidates; give at least --timesteps {least.total_timesteps}, "
            "or ask for fewer of them"
        )
    for_finals = max((1.0 - _SEARCH_SHARE) * total_timesteps, config.num_finals * least.final_timesteps)
    num_updates = range(_MIN_ROLLOUTS, total_timesteps // rollouts.search + 1)
    affordable = bisect_right(
        num_updates, total_timesteps - for_finals, key=lambda num: _search_total(least, num * rollouts.search)
    )
    search_timesteps = num_updates[max(0, affordable - 1)] * rollouts.search
    left = total_timesteps - _search_total(least, search_timesteps)
    final_timesteps = int(left / config.num_finals // rollouts.final) * rollouts.final
    return replace(least, search_timesteps=search_timesteps, final_timesteps=final_timesteps)


def _search_total(config: EvolutionConfig, search_timesteps: int) -> int:
    return config.num_generations * config.generation_timesteps(search_timesteps)


def split(items: Sequence[T], num_shards: int) -> list[Sequence[T]]:
    """Deals items out to shards, like cards.

    Args:
        items: what is dealt.
        num_shards: at most so many; none is empty.
    """
    return [items[first::num_shards] for first in range(min(num_shards, len(items)))]
