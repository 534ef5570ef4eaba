"""What a checkpoint of population SAC holds beside the contest: its networks and its whole replay."""

import numpy as np
import torch
from numpy.typing import NDArray

from skillwright.core.errors import CorruptArtifact
from skillwright.learners.contest_record import ContestRecord, Header, fitting, read_checkpoint, write_checkpoint
from skillwright.learners.sac.population import Population

__all__ = ["restore", "save"]


class _Header(Header):
    num_updates: int
    """Gradient steps so far."""
    added: list[int]
    """Transitions that each store of the replay was ever given."""


def save(population: Population) -> bytes:
    """Writes a population that has left its worlds, with its replay.

    Args:
        population: it is not changed.

    Returns:
        What ``restore`` reads.
    """
    header = _Header(
        contest=ContestRecord.of(population),
        num_updates=population.networks.num_updates,
        added=population.replay.added,
    )
    on_device = {name: held.cpu().numpy() for name, held in _tensors(population).items()}
    return write_checkpoint(population, header, {**_arrays(population), **on_device})


def restore(population: Population, saved: bytes) -> None:
    """Puts a population that has just begun into a saved state.

    Args:
        population: of the same entrants and config.
        saved: what ``save`` gave.

    Raises:
        CorruptArtifact: the bytes are not such a state, or that of another population.
    """
    header, tensors = read_checkpoint(_Header, saved)
    header.contest.restore(population, tensors)
    if len(header.added) != len(population.replay.added):
        raise CorruptArtifact("a checkpoint of another population: its replay is shared otherwise")
    population.replay.added = list(header.added)
    for name, array in _arrays(population).items():
        array[:] = fitting(tensors, name, array.shape)
    for name, held in _tensors(population).items():
        held.copy_(torch.from_numpy(fitting(tensors, name, held.shape)))
    population.networks.num_updates = header.num_updates


def _arrays(population: Population) -> dict[str, NDArray[np.float64]]:
    """Names all statistics that training changes."""
    scale = population.reward_scale
    return {
        **population.moments.arrays("observation"),
        "reward/mean_square": scale.mean_square,
        "reward/count": scale.count,
    }


def _tensors(population: Population) -> dict[str, torch.Tensor]:
    """Names all that training changes on the device, as views."""
    return population.networks.tensors() | population.replay.tensors()
