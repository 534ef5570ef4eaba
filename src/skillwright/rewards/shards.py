"""Trains jobs in shards, side by side in workers and through the journal: what is done is not done again.

A shard is journalled twice over: its checkpoints while it trains, so that a lost worker or a killed run costs no more
than a stretch, and its result. A shard whose worker is lost begins once more at its newest checkpoint; if it is lost
again, its candidates have failed, and everyone else goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from skillwright.compute import Executor, Loss, Outcome, Task, run_with_retry
from skillwright.core import ArtifactStore
from skillwright.core.serialising import from_json, to_json
from skillwright.core.steps import Steps
from skillwright.core.tracing import annotate, traced
from skillwright.rewards.budget import split
from skillwright.rewards.checkpoints import CheckpointLog
from skillwright.rewards.progress import Observer
from skillwright.rewards.records import Checkpoint, Trained, TrainedShard
from skillwright.rewards.shard_spans import ShardSpans
from skillwright.rewards.tally import Tally
from skillwright.rewards.training import TrainingReport, TrainingRequest, train_shard

__all__ = ["Shards"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """How a stage is cut into shards, and who trains them."""

    executor: Executor
    steps: Steps
    tally: Tally
    observer: Observer
    num_shards: int
    """At most so many."""
    patience_s: float
    """Seconds without a report after which a worker is given up."""

    @traced("train")
    def train(self, key: str, request: TrainingRequest) -> list[Trained]:
        """Trains a stage, from wherever an earlier sitting stopped.

        Args:
            key: of the stage in the journal; its shards are ``KEY/shard-0``, ``KEY/shard-1``, ...
            request: all jobs of the stage.

        Returns:
            One result per job, in order; those of a shard that was lost twice are failures with the reason.

        Raises:
            UserError: a worker raised one.
        """
        annotate(stage=key, policies=len(request.jobs), timesteps_each=request.total_timesteps)
        shards = list(self._cut(key, request))
        results = {shard.number: shard.find() for shard in shards}
        missing = [shard for shard in shards if results[shard.number] is None]
        for shard in shards:
            if result := results[shard.number]:
                self.tally.settle(shard.number, result.trained)
            elif shard.timesteps:
                self.observer.said(
                    f"{shard.size} policies go on from their checkpoint at {shard.timesteps:,} env steps."
                )
                self.tally.begin(shard.number, shard.timesteps)
        with ShardSpans() as spans:
            for shard in missing:
                spans.begin(shard.number, size=shard.size, timesteps=shard.timesteps)
            for shard, outcome in self._run(missing):
                results[shard.number] = result = shard.end(outcome)
                spans.end(shard.number, outcome, result)
                self.tally.settle(shard.number, result.trained)
        trained = {(one.candidate_id, one.seed): one for result in results.values() if result for one in result.trained}
        return [trained[job.candidate_id, job.seed] for job in request.jobs]

    def _cut(self, key: str, request: TrainingRequest) -> Iterator["_Shard"]:
        store = ArtifactStore(Path(request.artifacts))
        for number, jobs in enumerate(split(request.jobs, self.num_shards)):
            log = CheckpointLog(self.steps, store, f"{key}/checkpoints/{number}")
            part = request.model_copy(update={"jobs": list(jobs)})
            yield _Shard(number, f"{key}/shard-{number}", part, log, self.steps)

    def _run(self, shards: Sequence["_Shard"]) -> Iterator[tuple["_Shard", Outcome]]:
        """Runs shards that are not done, and those whose worker is lost once more."""

        def hear(index: int, text: str) -> None:
            report = from_json(TrainingReport, text)
            shards[index].hear(report)
            self.tally.hear(shards[index].number, report)

        def renew(index: int, reason: str) -> Task:
            shard = shards[index]
            shard.go_back()
            self.observer.said(f"Lost: {reason}. Its {shard.size} policies go on from env step {shard.timesteps:,}.")
            self.tally.begin(shard.number, shard.timesteps)
            return shard.task(self.patience_s)

        tasks = [shard.task(self.patience_s) for shard in shards]
        for index, outcome in run_with_retry(self.executor, tasks, hear, renew):
            if isinstance(outcome, Loss):
                self.observer.said(f"{shards[index].size} policies have failed: {outcome.reason}.")
            yield shards[index], outcome


class _Shard:
    """One shard: what of it is in the journal, and how far it is."""

    def __init__(self, number: int, key: str, request: TrainingRequest, log: CheckpointLog, steps: Steps) -> None:
        self.number = number
        self.size = len(request.jobs)
        self.timesteps = 0
        self._key = key
        self._request = request
        self._log = log
        self._steps = steps
        self.go_back()

    def find(self) -> TrainedShard | None:
        """Gives the result if it is in the journal; a sitting that was killed may have left artifacts behind it."""
        result = self._steps.find(self._key, TrainedShard)
        if result:
            self._log.clear()
        return result

    def task(self, patience_s: float) -> Task:
        """Asks for what is left to train."""
        newest = self._log.newest
        request = self._request.model_copy(update={"checkpoint": newest.artifact if newest else None})
        function = f"{train_shard.__module__}:{train_shard.__name__}"
        return Task(function=function, request=to_json(request), patience_s=patience_s)

    def hear(self, report: TrainingReport) -> None:
        self.timesteps = report.timesteps
        if report.checkpoint:
            self._log.add(Checkpoint(artifact=report.checkpoint, timesteps=report.timesteps))

    def go_back(self) -> None:
        """Forgets what was trained after the newest checkpoint."""
        newest = self._log.newest
        self.timesteps = newest.timesteps if newest else 0

    def end(self, outcome: Outcome) -> TrainedShard:
        """Commits the result; from then on no checkpoint is needed."""
        result = self._steps.once(
            self._key,
            TrainedShard,
            lambda: (
                self._failed(outcome.reason) if isinstance(outcome, Loss) else from_json(TrainedShard, outcome.text)
            ),
        )
        self._log.clear()
        return result

    def _failed(self, reason: str) -> TrainedShard:
        """Makes the result of a shard that was lost; its env steps are dealt out evenly."""
        share, rest = divmod(self.timesteps, self.size)
        trained = [
            Trained(
                candidate_id=job.candidate_id,
                seed=job.seed,
                timesteps=share + (position < rest),
                policy=None,
                curve=[],
                judgement=None,
                failure=reason,
            )
            for position, job in enumerate(self._request.jobs)
        ]
        return TrainedShard(trained=trained)
