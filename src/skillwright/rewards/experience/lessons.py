"""What a run takes from earlier experience, once it knows its task: judged episodes, and whether to learn from them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from skillwright.core import ArtifactStore
from skillwright.envs import EnvCard
from skillwright.rewards.experience.coverage import Coverage
from skillwright.rewards.experience.log import ExperienceLog
from skillwright.rewards.judge import Judge

__all__ = ["Assessment", "Lessons"]

_LEAST_SUCCESS: Final = 0.05
"""Share of successful episodes below which no policy begins with what the log teaches: a policy that repeats failures
learns more slowly than one that knows nothing (docs/experience.md has the figures)."""


class Assessment(BaseModel):
    """What the experience is worth for a task, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    num_episodes: int
    num_policies: int
    coverage: Coverage
    success_rate: float | None
    """Share of its episodes that are successful; none if the task has no success program."""
    is_taught: bool
    """Whether policies begin with what it teaches."""


@dataclass(frozen=True)
class Lessons:
    """A log, and how good its episodes are at a task."""

    log: ExperienceLog
    fitness: list[float]
    """Of each episode."""
    success_rate: float | None

    @classmethod
    def read(cls, store: ArtifactStore, sha: str, card: EnvCard, task: str) -> "Lessons":
        """Reads a log and judges its episodes.

        Args:
            store: has the log.
            sha: SHA-256 of its artifact.
            card: the world.
            task: name of the card's task.

        Raises:
            CorruptArtifact: the log is missing or damaged.
            ConfigError: it is of another world.
        """
        log = ExperienceLog.from_bytes(store.get(sha), card)
        scores = Judge(card, task).score(log.episodes)
        successes = [score.success for score in scores if score.success is not None]
        return cls(log, [score.fitness for score in scores], float(np.mean(successes)) if successes else None)

    def assess(self) -> Assessment:
        """Decides whether policies begin with what the log teaches."""
        header = self.log.header
        return Assessment(
            source=header.source,
            num_episodes=len(header.lengths),
            num_policies=self.log.num_policies,
            coverage=header.coverage,
            success_rate=self.success_rate,
            is_taught=self.success_rate is None or self.success_rate >= _LEAST_SUCCESS,
        )

    def described(self) -> str:
        """Says what the run takes from it, in words."""
        taken = "Rewards are screened on it, and policies begin with what it teaches."
        if not self.assess().is_taught:
            taken = (
                f"Rewards are screened on it; policies begin at random, for only {self.success_rate:.0%} of its "
                f"episodes succeed at this task ({_LEAST_SUCCESS:.0%} is the least)."
            )
        return f"Experience: {self.log.described()}. {taken}"
