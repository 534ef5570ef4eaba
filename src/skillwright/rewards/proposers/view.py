"""All that whoever writes rewards may know."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from skillwright.envs import EnvCard
from skillwright.rewards.records import Candidate, Generation

__all__ = ["Evaluated", "ProposerView", "Refusal", "ranked", "show"]


class Refusal(NamedTuple):
    """A candidate that the screens refused, or that ended in training, and why."""

    candidate: Candidate
    reason: str


class Evaluated(NamedTuple):
    """A candidate that was trained, and how good its policy is."""

    candidate: Candidate
    fitness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposerView:
    """All a proposer may know: no success program, no fitness program, no reference reward."""

    card: EnvCard
    """The world, with its tasks left out."""
    task_text: str
    """The task in plain words."""
    history: Sequence[Generation] = ()
    """All generations so far, with what became of their candidates."""
    attempt: int = 0
    """How often candidates of the generation in the making have been asked for before."""
    refused: Sequence[Refusal] = ()
    """Of the generation in the making: what the screens have just refused."""
    kin: frozenset[str] = frozenset()
    """Ids of candidates that want nearly the same as a better one; none of them is a parent."""
    has_elites: bool = True
    """Whether the best of all generations may be parents; else only those of the newest."""
    has_reflection: bool = True
    """Whether what a generation taught is told; else only its fitness numbers are."""

    @property
    def generation(self) -> int:
        """Index of the generation in the making."""
        return len(self.history)

    @property
    def parents(self) -> list[Evaluated]:
        """Whoever may be a parent, best first."""
        known = ranked(self.history if self.has_elites else self.history[-1:])
        return [one for one in known if one.candidate.id not in self.kin]

    @property
    def lesson(self) -> str:
        """What the newest generation taught, in Markdown; empty before the first, or if nothing may be told."""
        return self.history[-1].reflection if self.history and self.has_reflection else ""

    def once_more(self, attempt: int, refused: Sequence[Refusal]) -> "ProposerView":
        """Shows what a further attempt has to go by.

        Args:
            attempt: how often was asked before.
            refused: what of the last attempt the screens have refused.
        """
        return replace(self, attempt=attempt, refused=tuple(refused))

    def with_refused(self, refused: Sequence[Refusal]) -> "ProposerView":
        """Adds what the screens have refused.

        Args:
            refused: of the generation in the making.
        """
        return replace(self, refused=tuple(refused))


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
