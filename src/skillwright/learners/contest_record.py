"""What every checkpoint tells of a contest between two stretches: tensors with a JSON header, never pickled code."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from skillwright.core.errors import CorruptArtifact
from skillwright.learners.contest import Contest
from skillwright.learners.policy import Policy, PolicySpec
from skillwright.learners.problem import LearningPoint, TrainedPolicy
from skillwright.learners.tensor_record import read_record, write_record

__all__ = ["ContestRecord", "Header", "fitting", "read_checkpoint", "write_checkpoint"]

Tensors = Mapping[str, NDArray[Any]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _MemberRecord(_Strict):
    index: int
    failure: str
    curve: list[LearningPoint]
    recent: list[float]


class _FinishedRecord(_Strict):
    index: int
    timesteps: int
    failure: str
    dropped: str
    curve: list[LearningPoint]
    policy: PolicySpec | None


class ContestRecord(_Strict):
    """All of a contest but its tensors."""

    num_rollouts: int
    spent: int
    """Env steps so far, all candidates together."""
    stretch: int
    """Counts how often the members have entered fresh worlds."""
    members: list[_MemberRecord]
    finished: list[_FinishedRecord]

    @classmethod
    def of(cls, contest: Contest) -> "ContestRecord":
        """Describes a contest that has left its worlds.

        Args:
            contest: it is not changed.
        """
        members = [
            _MemberRecord(index=one.index, failure=one.failure, curve=one.curve.points, recent=list(one.curve.recent))
            for one in contest.members
        ]
        finished = [
            _FinishedRecord(
                index=index,
                timesteps=one.timesteps,
                failure=one.failure,
                dropped=one.dropped,
                curve=one.curve,
                policy=one.policy.spec if one.policy else None,
            )
            for index, one in contest.finished.items()
        ]
        return cls(
            num_rollouts=contest.num_rollouts,
            spent=contest.spent,
            stretch=contest.stretch,
            members=members,
            finished=finished,
        )

    def restore(self, contest: Contest, tensors: Tensors) -> None:
        """Puts a contest that has just begun into the recorded state.

        Args:
            contest: of the same entrants.
            tensors: what ``read_checkpoint`` gave beside this.

        Raises:
            CorruptArtifact: the record is of a contest of other entrants.
        """
        kept = [one.index for one in self.members]
        if sorted([*kept, *(one.index for one in self.finished)]) != list(range(len(contest.members))):
            raise CorruptArtifact("a checkpoint of another population: it has other members")
        contest.keep(kept)
        for member, recorded in zip(contest.members, self.members, strict=True):
            member.failure = recorded.failure
            member.curve.points[:] = recorded.curve
            member.curve.recent.extend(recorded.recent)
        contest.finished.update({one.index: _finished(one, tensors) for one in self.finished})
        contest.num_rollouts, contest.spent, contest.stretch = self.num_rollouts, self.spent, self.stretch


class Header(_Strict):
    """What the tensors of a checkpoint mean; each kind of population adds what is its own."""

    contest: ContestRecord


AnyHeader = TypeVar("AnyHeader", bound=Header)


def write_checkpoint(contest: Contest, header: Header, tensors: Tensors) -> bytes:
    """Writes a checkpoint.

    Args:
        contest: the policies of those who left it are written, too.
        header: what describes it.
        tensors: all other numbers that training changes, by name.

    Returns:
        What ``read_checkpoint`` reads.
    """
    finished = {
        f"{_place(index)}{name}": tensor
        for index, one in contest.finished.items()
        if one.policy
        for name, tensor in one.policy.tensors.items()
    }
    return write_record({**tensors, **finished}, header)


def read_checkpoint(schema: type[AnyHeader], saved: bytes) -> tuple[AnyHeader, Tensors]:
    """Reads a checkpoint.

    Args:
        schema: the class of its header.
        saved: what ``write_checkpoint`` gave.

    Returns:
        The header, and all tensors.

    Raises:
        CorruptArtifact: the bytes are no checkpoint with such a header.
    """
    return read_record(schema, saved, name="a checkpoint")


def fitting(tensors: Tensors, name: str, shape: Sequence[int]) -> NDArray[Any]:
    """Gives a tensor of the shape it must have.

    Args:
        tensors: of a checkpoint.
        name: of the tensor.
        shape: wanted.

    Raises:
        CorruptArtifact: there is none, or it has another shape.
    """
    if name not in tensors or tensors[name].shape != tuple(shape):
        raise CorruptArtifact(f"a checkpoint of another population: its {name} does not fit")
    return tensors[name]


def _finished(recorded: _FinishedRecord, tensors: Tensors) -> TrainedPolicy:
    place = _place(recorded.index)
    own = {name.removeprefix(place): tensor for name, tensor in tensors.items() if name.startswith(place)}
    return TrainedPolicy(
        policy=Policy(spec=recorded.policy, tensors=own) if recorded.policy else None,
        timesteps=recorded.timesteps,
        curve=recorded.curve,
        failure=recorded.failure,
        dropped=recorded.dropped,
    )


def _place(index: int) -> str:
    """Begins the names of the tensors of a policy that has left the contest."""
    return f"finished/{index}/"
