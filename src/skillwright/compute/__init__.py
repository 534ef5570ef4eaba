"""Running work in other processes; the interface carries text only, so that a cluster can stand behind it."""

from skillwright.compute.executor import Executor, Task
from skillwright.compute.local import LocalExecutor, count_cores

__all__ = ["Executor", "LocalExecutor", "Task", "count_cores"]
