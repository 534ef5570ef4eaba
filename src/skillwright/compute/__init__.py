"""Running work in other processes; the interface carries text only, so that a cluster can stand behind it."""

from skillwright.compute.executor import Executor, Loss, Outcome, Result, Task
from skillwright.compute.local import LocalExecutor, count_cores
from skillwright.compute.retrying import run_with_retry

__all__ = [
    "Executor",
    "LocalExecutor",
    "Loss",
    "Outcome",
    "Result",
    "Task",
    "count_cores",
    "run_with_retry",
]
