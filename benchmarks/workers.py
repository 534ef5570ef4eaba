"""Runs a benchmark's work in worker processes of one thread each: the product's own, for every trainer alike."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.protocol import AnswerT, RequestT, TrainingRequest
from skillwright.compute import Executor, LocalExecutor, Loss, Task
from skillwright.core import WorkerDied
from skillwright.core.serialising import from_json, to_json
from skillwright.rewards.budget import split

__all__ = ["NUM_WORKERS", "collect", "run_together", "share"]

NUM_WORKERS: Final = 2
"""Processes every trainer gets: the benchmarks are about machines with few cores."""

_PATIENCE_S: Final = 6 * 3600.0
"""Other trainers give no sign of life while they train."""
_ROOT: Final = str(Path(__file__).resolve().parents[1])


def run_together(function: str, requests: Sequence[RequestT], answer: type[AnswerT]) -> list[AnswerT]:
    """Runs a function in fresh workers that start together.

    Args:
        function: ``module:name`` of a ``Function`` of ``skillwright.compute``.
        requests: one per worker.
        answer: what the function returns.

    Returns:
        One answer per request, in order.

    Raises:
        UserError: a worker raised one.
        WorkerDied: a worker failed in any other way.
    """
    _make_importable()
    executor = LocalExecutor(len(requests))
    try:
        with tempfile.TemporaryDirectory() as folder:
            meeting = {"start_folder": folder, "num_workers": len(requests)}
            texts = collect(executor, function, [to_json(one.model_copy(update=meeting)) for one in requests])
    finally:
        executor.close()
    return [from_json(answer, text) for text in texts]


def collect(executor: Executor, function: str, requests: Sequence[str]) -> list[str]:
    """Runs a function on several requests, and waits for all.

    Args:
        executor: has the workers.
        function: ``module:name`` of a ``Function`` of ``skillwright.compute``.
        requests: JSON texts.

    Returns:
        What it returned for each request, in order.

    Raises:
        UserError: a worker raised one.
        WorkerDied: a worker failed in any other way.
    """
    tasks = [Task(function=function, request=request, patience_s=_PATIENCE_S) for request in requests]
    texts: dict[int, str] = {}
    for index, outcome in executor.run(tasks, lambda *_: None):
        if isinstance(outcome, Loss):
            raise WorkerDied(outcome.reason)
        texts[index] = outcome.text
    return [texts[index] for index in range(len(tasks))]


def share(request: TrainingRequest) -> list[TrainingRequest]:
    """Shares the policies of a request out to the workers.

    Args:
        request: all that is to be trained.

    Returns:
        One request per worker, none of them empty.
    """
    return [request.model_copy(update={"seeds": list(seeds)}) for seeds in split(request.seeds, NUM_WORKERS)]


def _make_importable() -> None:
    """Lets workers import this package, which is not installed."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if _ROOT not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([_ROOT, *filter(None, paths)])
