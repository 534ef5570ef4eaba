"""Who chooses between two clips: a person (``skillwright.cli.choosing``), or a program that knows the true reward."""

from typing import Protocol

from skillwright.core.seeding import generator
from skillwright.envs import TransitionBlock
from skillwright.learners import RewardSource
from skillwright.rewards.preferences.episodes import Shelf
from skillwright.rewards.preferences.records import Choice, Clip, Pair, Preferred

__all__ = ["Chooser", "OracleChooser"]


class Chooser(Protocol):
    """Says which of two clips is the better one."""

    def choose(self, pair: Pair) -> Choice | None:
        """Chooses.

        Args:
            pair: two clips of one world.

        Returns:
            The choice; none to stop choosing.
        """
        ...


class OracleChooser:
    """Prefers the clip with the higher true return; the synthetic teacher of tests and benchmarks.

    Args:
        reward: the true reward.
        shelf: holds the episodes of the clips.
        error_rate: how often it gives the opposite of the truth.
        seed: of its errors; the same pair always gets the same answer.
        tolerance: largest difference of returns that it calls equal.
    """

    def __init__(
        self, reward: RewardSource, shelf: Shelf, *, error_rate: float = 0.0, seed: int = 0, tolerance: float = 0.0
    ) -> None:
        assert 0.0 <= error_rate <= 1.0, f"{error_rate} is not a share of errors"
        self._reward = reward
        self._shelf = shelf
        self._error_rate = error_rate
        self._seed = seed
        self._tolerance = tolerance

    def choose(self, pair: Pair) -> Choice:
        """Chooses; see ``Chooser.choose``.

        Raises:
            ProgramFailed: the true reward raised.
            CorruptArtifact: an episode is missing or damaged.
        """
        return Choice(pair=pair, preferred=self._preferred(pair), chooser="oracle")

    def _preferred(self, pair: Pair) -> Preferred:
        lead = self._return(pair.a) - self._return(pair.b)
        if abs(lead) <= self._tolerance:
            return "equal"
        errs = generator(self._seed, "oracle", pair.id).random() < self._error_rate
        return "a" if (lead > 0) != errs else "b"

    def _return(self, clip: Clip) -> float:
        block: TransitionBlock = self._shelf.clip(clip)
        return float(self._reward.score(block).reward.sum(dtype="float64"))
