"""A population between two stretches as bytes: tensors with a JSON header, never pickled code."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from skillwright.core.errors import CorruptArtifact
from skillwright.learners.policy import Policy, PolicySpec
from skillwright.learners.problem import LearningPoint, TrainedPolicy
from skillwright.learners.sac.population import Population
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
    num_rollouts: int
    num_updates: int
    spent: int
    stretch: int
    added: list[int]
    members: list[_Member]
    finished: list[_Finished]


def save(population: Population) -> bytes:
    """Writes a population that has left its worlds, with its replay.

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
        num_rollouts=population.num_rollouts,
        num_updates=population.networks.num_updates,
        spent=population.spent,
        stretch=population.stretch,
        added=population.replay.added,
        members=members,
        finished=finished,
    )
    tensors = dict(_arrays(population)) | {name: held.cpu().numpy() for name, held in _tensors(population).items()}
    for index, one in population.finished.items():
        if one.policy:
            tensors |= {f"finished/{index}/{name}": tensor for name, tensor in one.policy.tensors.items()}
    return write_tensors(tensors, header.model_dump_json())


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
    if len(header.added) != len(population.replay.added):
        raise CorruptArtifact("a checkpoint of another population: its replay is shared otherwise")
    population.replay.added = header.added
    for name, array in _arrays(population).items():
        array[:] = _fitting(tensors, name, array.shape)
    for name, held in _tensors(population).items():
        held.copy_(torch.from_numpy(_fitting(tensors, name, held.shape)))
    for one in header.finished:
        population.finished[one.index] = _finished(one, tensors)
    population.num_rollouts, population.spent, population.stretch = header.num_rollouts, header.spent, header.stretch
    population.networks.num_updates = header.num_updates


def _keep(population: Population, indices: Sequence[int]) -> None:
    if not set(indices) <= set(range(len(population.members))):
        raise CorruptArtifact("a checkpoint of another population: it has other members")
    population.keep(indices)


def _fitting(tensors: Mapping[str, NDArray[Any]], name: str, shape: Sequence[int]) -> NDArray[Any]:
    if name not in tensors or tensors[name].shape != tuple(shape):
        raise CorruptArtifact(f"a checkpoint of another population: its {name} does not fit")
    return tensors[name]


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


def _arrays(population: Population) -> dict[str, NDArray[np.float64]]:
    """Names all statistics that training changes."""
    moments, scale = population.moments, population.reward_scale
    return {
        "observation/mean": moments.mean,
        "observation/variance": moments.variance,
        "observation/count": moments.count,
        "reward/mean_square": scale.mean_square,
        "reward/count": scale.count,
    }


def _tensors(population: Population) -> dict[str, torch.Tensor]:
    """Names all that training changes on the device, as views."""
    return population.networks.tensors() | population.replay.tensors()
