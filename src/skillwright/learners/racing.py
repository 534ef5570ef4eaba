"""Racing: the hopeless are dropped on the way, by fitness and never by reward, and their env steps are saved.

Successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943, algorithm 1) over the candidates of one population.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Race"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """When candidates are dropped, and how many go on."""

    heats: tuple[float, ...] = ()
    """Fractions of the training at whose end candidates are dropped, rising, each in (0, 1)."""
    keep: float = 0.5
    """Share of the candidates that go on after a heat, in (0, 1]; at least one does."""

    def __post_init__(self) -> None:
        """Refuses a race that cannot be run."""
        if sorted(set(self.heats)) != list(self.heats) or not all(0.0 < heat < 1.0 for heat in self.heats):
            raise ValueError("heats must rise and lie between 0 and 1")
        if not 0.0 < self.keep <= 1.0:
            raise ValueError("keep must be in (0, 1]")

    def ends_at(self, update: int, num_updates: int) -> bool:
        """Says whether a heat ends with an update.

        Args:
            update: updates done.
            num_updates: updates of the whole training.
        """
        return update in self._ends(num_updates)

    def survivors(self, fitness: Sequence[float | None]) -> list[int]:
        """Chooses who goes on.

        Args:
            fitness: of each candidate; NaN counts as the worst, and none as worse still.

        Returns:
            Indices of the best, in rising order.
        """
        num = max(1, math.ceil(self.keep * len(fitness)))
        scores = [(one is not None, -math.inf if one is None or math.isnan(one) else one) for one in fitness]
        best = sorted(range(len(fitness)), key=lambda index: scores[index], reverse=True)[:num]
        return sorted(best)

    def count_updates(self, num_candidates: int, num_updates: int) -> int:
        """Counts the updates of a population, all candidates together.

        Args:
            num_candidates: size of the population.
            num_updates: updates of a candidate that is never dropped.
        """
        counted, running, begin = 0, num_candidates, 0
        for end in (*self._ends(num_updates), num_updates):
            counted += running * (end - begin)
            running, begin = max(1, math.ceil(self.keep * running)), end
        return counted

    def _ends(self, num_updates: int) -> list[int]:
        ends = {max(1, round(heat * num_updates)) for heat in self.heats}
        return sorted(end for end in ends if end < num_updates)
