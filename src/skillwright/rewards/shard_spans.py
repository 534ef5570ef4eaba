"""The spans of shards that train in workers side by side; what each candidate came to is a span within them."""

from types import TracebackType
from typing import Self

from skillwright.compute import Loss, Outcome
from skillwright.core.tracing import Span, span
from skillwright.rewards.records import TrainedShard

__all__ = ["ShardSpans"]


class ShardSpans:
    """Follows the shards of one stage from here, where they are waited for: workers tell nobody.

    A context manager, which ends as cut off whatever has not ended when it is left.
    """

    def __init__(self) -> None:
        self._open: dict[int, Span] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._open.values():
            one.end("it was cut off")

    def begin(self, number: int, *, size: int, timesteps: int) -> None:
        """Begins a shard.

        Args:
            number: of the shard.
            size: its policies.
            timesteps: env steps that its checkpoint has behind it.
        """
        self._open[number] = span("train.shard", shard=number, policies=size, resumed_at=timesteps)

    def end(self, number: int, outcome: Outcome, result: TrainedShard) -> None:
        """Ends a shard and all its candidates.

        Args:
            number: of the shard.
            outcome: what the worker came to.
            result: what is journalled.
        """
        shard = self._open.pop(number)
        for one in result.trained:
            judged = one.judgement
            policy = shard.part("train.candidate", candidate=one.candidate_id, seed=one.seed, timesteps=one.timesteps)
            policy.set(dropped=one.dropped or None)
            if judged:
                policy.set(fitness=judged.fitness, success_rate=judged.success_rate, episodes=judged.num_episodes)
            policy.end(one.failure)
        shard.set(timesteps=sum(one.timesteps for one in result.trained))
        shard.end(outcome.reason if isinstance(outcome, Loss) else "")
