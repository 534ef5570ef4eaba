"""The contract of whoever writes reward programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from skillwright.envs import EnvCard
from skillwright.rewards.records import Candidate, Generation, Proposal

__all__ = ["Evaluated", "Proposer", "ProposerView", "ranked", "show"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposerView:
    """All a proposer may know: no success program, no fitness program, no reference reward."""

    card: EnvCard
    """The world, with its tasks left out."""
    task_text: str
    """The task in plain words."""
    history: Sequence[Generation]
    """All generations so far, with what became of their candidates."""


class Evaluated(NamedTuple):
    """A candidate that was trained, and how good its policy is."""

    candidate: Candidate
    fitness: float


class Proposer(Protocol):
    """Writes reward programs."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    def propose(self, view: ProposerView, num_candidates: int, *, seed: int) -> list[Proposal]:
        """Proposes candidates for the next generation.

        Args:
            view: what may be known.
            num_candidates: how many are wanted.
            seed: the same view and seed give the same proposals.

        Returns:
            That many proposals.
        """
        ...


def show(card: EnvCard, task_text: str, history: Sequence[Generation]) -> ProposerView:
    """Shows a world without its judges and without the rewards a person wrote for it.

    Args:
        card: the world.
        task_text: the task in plain words.
        history: all generations so far.
    """
    blank = {"success": None, "fitness": "", "reference": None}
    tasks = {name: task.model_copy(update=blank) for name, task in card.tasks.items()}
    return ProposerView(card=card.model_copy(update={"tasks": tasks}), task_text=task_text, history=tuple(history))


def ranked(history: Sequence[Generation]) -> list[Evaluated]:
    """Ranks every candidate that was trained, over all generations.

    Args:
        history: the generations.

    Returns:
        Best first; of equals the older one first.
    """
    evaluated = []
    for generation in history:
        candidates = {candidate.id: candidate for candidate in generation.candidates}
        evaluated += [
            Evaluated(candidates[trained.candidate_id], trained.judgement.fitness)
            for trained in generation.trained
            if trained.judgement is not None
        ]
    return sorted(evaluated, key=lambda item: -item.fitness)
