"""What a checkpoint of population PPO holds beside the contest."""

from typing import Any

from numpy.typing import NDArray

from skillwright.learners.contest_record import ContestRecord, Header, fitting, read_checkpoint, write_checkpoint
from skillwright.learners.ppo.population import Population

__all__ = ["restore", "save"]


class _Header(Header):
    num_steps: int
    """Gradient steps so far."""


def save(population: Population) -> bytes:
    """Writes a population that has left its worlds.

    Args:
        population: it is not changed.

    Returns:
        What ``restore`` reads.
    """
    header = _Header(contest=ContestRecord.of(population), num_steps=population.optimizer.num_steps)
    return write_checkpoint(population, header, _arrays(population))


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
    for name, array in _arrays(population).items():
        array[:] = fitting(tensors, name, array.shape)
    population.optimizer.num_steps = header.num_steps


def _arrays(population: Population) -> dict[str, NDArray[Any]]:
    """Names all arrays that training changes."""
    return {
        "parameters": population.parameters,
        "first": population.optimizer.first,
        "second": population.optimizer.second,
        **population.moments.arrays("observation"),
        **population.scaler.moments.arrays("return"),
    }
