"""Adds up what the shards of a population report into one progress for the person."""

import time
from collections.abc import Sequence
from typing import Final

from skillwright.rewards.budget import EvolutionConfig
from skillwright.rewards.progress import Observer, Progress, Stage
from skillwright.rewards.records import REFERENCE, Trained
from skillwright.rewards.training import TrainingReport

__all__ = ["Tally"]

_SETTLING_TIME_S: Final = 1.0
"""Seconds of training before a rate means anything."""


class Tally:
    """Counts env steps and remembers the best fitness of a run.

    Args:
        config: the evolution.
        observer: hears the progress.
    """

    def __init__(self, config: EvolutionConfig, observer: Observer) -> None:
        self._config = config
        self._observer = observer
        self._settled = 0
        self._best: float | None = None
        self._running: dict[int, int] = {}
        self._stage: tuple[Stage, int, int] = ("search", 0, config.num_candidates)
        self._training_s = 0.0
        """Seconds of training in this sitting, those since ``_began`` left out."""
        self._began: float | None = None
        """When training began or went on; none while there is none."""
        self._trained_here = 0
        """Env steps of this sitting, those that were lost included."""

    def enter(self, stage: Stage, generation: int, num_candidates: int) -> None:
        """Begins a stage.

        Args:
            stage: which.
            generation: index of the generation.
            num_candidates: candidates in training.
        """
        self._training_s, self._began = self._elapsed(), None
        self._stage = (stage, generation, num_candidates)
        self._tell()

    def begin(self, shard: int, timesteps: int) -> None:
        """Lets a shard begin, or go back to where it begins again: what was trained beyond that is lost.

        Args:
            shard: index of the shard.
            timesteps: env steps of the checkpoint it begins from, 0 if it begins from none.
        """
        self._running[shard] = timesteps
        self._tell()

    def hear(self, shard: int, report: TrainingReport) -> None:
        """Takes in a shard's report.

        Args:
            shard: index of the shard.
            report: how far it is.
        """
        self._began = self._began or time.monotonic()
        advance = report.timesteps - self._running.get(shard, 0)
        has_begun_anew = advance < 0  # its checkpoint could not be read
        self._trained_here += report.timesteps if has_begun_anew else advance
        self._running[shard] = report.timesteps
        if self._stage[0] == "search":
            self._note([report.fitness])
        self._tell()

    def settle(self, shard: int, trained: Sequence[Trained]) -> None:
        """Books a finished shard, trained now or taken from the journal.

        Args:
            shard: its index.
            trained: its results.
        """
        self._running.pop(shard, None)
        self._settled += sum(one.timesteps for one in trained)
        own = [one for one in trained if one.candidate_id != REFERENCE]
        self._note([one.judgement.fitness if one.judgement else None for one in own])
        self._tell()

    def _elapsed(self) -> float:
        """Gives the seconds of training so far; the time in which rewards are written is none."""
        return self._training_s + (time.monotonic() - self._began if self._began else 0.0)

    def _note(self, fitness: Sequence[float | None]) -> None:
        known = [value for value in (*fitness, self._best) if value is not None]
        self._best = max(known, default=None)

    def _tell(self) -> None:
        stage, generation, num_candidates = self._stage
        elapsed = self._elapsed()
        self._observer.progressed(
            Progress(
                stage=stage,
                generation=generation,
                num_generations=self._config.num_generations,
                num_candidates=num_candidates,
                timesteps=self._settled + sum(self._running.values()),
                total_timesteps=self._config.total_timesteps,
                steps_per_second=self._trained_here / elapsed if elapsed > _SETTLING_TIME_S else 0.0,
                best_fitness=self._best,
            )
        )
