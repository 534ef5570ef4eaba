"""A population between two stretches as bytes: tensors with a JSON header, never pickled code."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from skillwright.core.errors import CorruptArtifact
from skillwright.core.serialising import to_json
from skillwright.learners.policy import Policy, PolicySpec
from skillwright.learners.ppo.population import Population
from skillwright.learners.problem import LearningPoint, TrainedPolicy
from skillwright.learners.tensor_file import read_tensors, write_tensors

__all__ = ["restore", "save"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Member(_Strict):
    index: int
    failure: str
    curve: list[LearningPoint]
    recent: list[float]


class _Finished(_Strict):
    index: int
    timesteps: int
    failure: str
    dropped: str
    curve: list[LearningPoint]
    policy: PolicySpec | None


class _Header(_Strict):
    num_updates: int
    num_steps: int
    spent: int
    stretch: int
    members: list[_Member]
    finished: list[_Finished]


def save(population: Population) -> bytes:
    """Writes a population that has left its worlds.

    Args:
        population: it is not changed.

    Returns:
        What ``restore`` reads.
    """
    members = [
        _Member(index=one.index, failure=one.failure, curve=one.curve.points, recent=list(one.curve.recent))
        for one in population.members
    ]
    finished = [
        _Finished(
            index=index,
            timesteps=one.timesteps,
            failure=one.failure,
            dropped=one.dropped,
            curve=one.curve,
            policy=one.policy.spec if one.policy else None,
        )
        for index, one in population.finished.items()
    ]
    header = _Header(
        num_updates=population.num_rollouts,
        num_steps=population.optimizer.num_steps,
        spent=population.spent,
        stretch=population.stretch,
        members=members,
        finished=finished,
    )
    tensors = dict(_arrays(population))
    for index, one in population.finished.items():
        if one.policy:
            tensors |= {f"finished/{index}/{name}": tensor for name, tensor in one.policy.tensors.items()}
    return write_tensors(tensors, to_json(header))


def restore(population: Population, saved: bytes) -> None:
    """Puts a population that has just begun into a saved state.

    Args:
        population: of the same entrants and config.
        saved: what ``save`` gave.

    Raises:
        CorruptArtifact: the bytes are not such a state, or that of another population.
    """
    tensors, spec = read_tensors(saved)
    try:
        header = _Header.model_validate_json(spec)
    except ValidationError as error:
        raise CorruptArtifact(f"not a checkpoint: {error}") from error
    _keep(population, [one.index for one in header.members])
    for member, saved_member in zip(population.members, header.members, strict=True):
        member.failure = saved_member.failure
        member.curve.points[:] = saved_member.curve
        member.curve.recent.extend(saved_member.recent)
    for name, array in _arrays(population).items():
        if name not in tensors or tensors[name].shape != array.shape:
            raise CorruptArtifact(f"a checkpoint of another population: its {name} does not fit")
        array[:] = tensors[name]
    for one in header.finished:
        population.finished[one.index] = _finished(one, tensors)
    population.num_rollouts, population.spent, population.stretch = header.num_updates, header.spent, header.stretch
    population.optimizer.num_steps = header.num_steps


def _keep(population: Population, indices: Sequence[int]) -> None:
    if not set(indices) <= set(range(len(population.members))):
        raise CorruptArtifact("a checkpoint of another population: it has other members")
    population.keep(indices)


def _finished(saved: _Finished, tensors: Mapping[str, NDArray[Any]]) -> TrainedPolicy:
    prefix = f"finished/{saved.index}/"
    own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    return TrainedPolicy(
        policy=Policy(spec=saved.policy, tensors=own) if saved.policy else None,
        timesteps=saved.timesteps,
        curve=saved.curve,
        failure=saved.failure,
        dropped=saved.dropped,
    )


def _arrays(population: Population) -> dict[str, NDArray[Any]]:
    """Names all arrays that training changes."""
    arrays: dict[str, NDArray[Any]] = {
        "parameters": population.parameters,
        "first": population.optimizer.first,
        "second": population.optimizer.second,
    }
    for name, moments in (("observation", population.moments), ("return", population.scaler.moments)):
        arrays |= {f"{name}/mean": moments.mean, f"{name}/variance": moments.variance, f"{name}/count": moments.count}
    return arrays
