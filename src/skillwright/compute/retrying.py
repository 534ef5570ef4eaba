"""Gives every lost task a second chance, on top of any executor."""

from collections.abc import Callable, Iterator, Sequence

from skillwright.compute.executor import Executor, Loss, Outcome, Task

__all__ = ["run_with_retry"]


def run_with_retry(
    executor: Executor,
    tasks: Sequence[Task],
    report: Callable[[int, str], None],
    renew: Callable[[int, str], Task],
) -> Iterator[tuple[int, Outcome]]:
    """Runs tasks side by side; a lost one is run once more as soon as a worker is free.

    Args:
        executor: has the workers.
        tasks: what to run.
        report: called with the index of a task and what it reported.
        renew: called with the index of a task that was lost for the first time, and why; gives what to run instead.

    Yields:
        Index and outcome of each task, as they end; lost is only what was lost twice.

    Raises:
        UserError: a task raised one.
    """
    queue, owners = list(tasks), list(range(len(tasks)))
    reasons: dict[int, str] = {}
    for position, outcome in executor.run(queue, lambda position, text: report(owners[position], text)):
        index = owners[position]
        if not isinstance(outcome, Loss):
            yield index, outcome
        elif index in reasons:
            how = "; then ".join(dict.fromkeys((reasons[index], outcome.reason)))
            yield index, Loss(reason=f"its worker was lost twice: {how}")
        else:
            reasons[index] = outcome.reason
            queue.append(renew(index, outcome.reason))
            owners.append(index)
