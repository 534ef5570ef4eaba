"""A run as its journal tells it, as far as it has come."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from skillwright.agents.run_types import Plan, RunRequest
from skillwright.core.errors import StorageError
from skillwright.core.journal import Journal, Run, RunStatus
from skillwright.rewards.journalled import read_finals, read_generations
from skillwright.rewards.records import Generation, Judgement, Judgements, Trained
from skillwright.skills.skill import Skill

__all__ = ["RunHistory", "RunOverview", "overview", "read_history"]


class _Asked(BaseModel):
    """The part of a run's stored config that says what was asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    request: RunRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOverview:
    """A run in one line."""

    id: str
    kind: str
    status: RunStatus
    seed: int
    version: str
    """Version of Skillwright that started it."""
    created_at: str
    """UTC, ISO 8601."""
    updated_at: str
    """UTC, ISO 8601."""
    work_seconds: float
    """Seconds of work over all sittings."""
    error: str
    """Why it failed; empty if it did not."""
    request: RunRequest | None
    """What was asked for; none if another version of Skillwright wrote it so that this one cannot read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHistory:
    """Everything a run has journalled so far."""

    overview: RunOverview
    plan: Plan | None
    generations: list[Generation]
    """Those whose candidates were screened; ``trained`` holds what is trained so far."""
    finals: list[Trained]
    held_out: list[Judgement]
    skill: Skill | None
    """What was stored; none if the run has not come so far."""


def overview(run: Run) -> RunOverview:
    """Sums a run up.

    Args:
        run: the run as the journal knows it.
    """
    return RunOverview(
        id=run.id,
        kind=run.kind,
        status=run.status,
        seed=run.seed,
        version=run.version,
        created_at=run.created_at,
        updated_at=run.updated_at,
        work_seconds=run.work_seconds,
        error=run.error,
        request=_request(run),
    )


def read_history(journal: Journal, run_id: str) -> RunHistory:
    """Reads what a run has journalled.

    Args:
        journal: the journal.
        run_id: id of the run, or as much of it as is unique.

    Raises:
        NotFound: no run, or more than one, has such an id.
        StorageError: an entry cannot be read.
    """
    run = journal.run(run_id)
    held_out = journal.get(run.id, "held-out", Judgements)
    return RunHistory(
        overview=overview(run),
        plan=journal.get(run.id, "plan", Plan),
        generations=read_generations(journal, run.id),
        finals=read_finals(journal, run.id),
        held_out=held_out.judgements if held_out else [],
        skill=journal.get(run.id, "skill", Skill),
    )


def _request(run: Run) -> RunRequest | None:
    try:
        return run.read_config(_Asked).request
    except StorageError:
        return None
