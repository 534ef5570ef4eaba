"""What a worker is asked and what it answers, as JSON text."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from skillwright.envs import EnvCard

__all__ = ["Message", "Request", "Training", "TrainingRequest"]


class Message(BaseModel):
    """A value that travels between processes, or into a file of results."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Request(Message):
    """Work that begins at the same moment in all workers."""

    start_folder: str = ""
    """Folder in which each worker leaves a file when it is ready."""
    num_workers: int = 1
    """Workers that start together."""


class TrainingRequest(Request):
    """Policies that one worker trains with the world's own reward."""

    card: EnvCard
    """The world; its learner settings are the hyper-parameters."""
    seeds: list[int]
    """One per policy."""
    num_rollouts: int
    """Rollouts per policy, the first one included, which is not timed."""
    num_held_out: int = 0
    """Held-out episodes each policy plays in the end."""


class Training(Message):
    """How the training of one worker went, from the end of its first rollout's update to the end of its last."""

    wall_s: float
    cpu_s: float
    """Of all threads of the worker."""
    timesteps: int
    """Env steps of each policy in this time."""
    peak_memory_mib: float
    """Of the worker's process since it began."""
    returns: list[float] = []
    """Mean return of each policy's held-out episodes."""


RequestT = TypeVar("RequestT", bound=Request)
AnswerT = TypeVar("AnswerT", bound=Message)
