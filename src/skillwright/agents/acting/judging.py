"""Has a language model judge an episode where no program can: it reads what the fields did, never what was meant."""

from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from skillwright.agents.acting.deeds import Deed
from skillwright.agents.acting.field_summary import summarize_fields
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.envs.describing import describe_card
from skillwright.llm.asking import Asker

__all__ = ["ROLE", "EpisodeJudge", "Verdict"]

ROLE: Final = "verifier"
_TEMPLATE: Final = "verifier/judge.md"


class Verdict(BaseModel):
    """What a model says of one episode."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    success: bool
    """Whether a person would call the task done."""
    reason: str = Field(min_length=1, max_length=600)
    """The fields and numbers that show it, in one or two sentences."""
    critique: str = Field(max_length=1_000)
    """What should go differently next time; empty if nothing should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeJudge:
    """Judges episodes of one task by asking a model; a reply of another form goes back to it once."""

    card: EnvCard
    text: str
    """The task as the person put it."""
    asker: Asker

    @property
    def spec(self) -> str:
        """Name of the model."""
        return self.asker.model.spec

    def judge(self, lived: TransitionBlock, deeds: list[Deed]) -> Verdict:
        """Judges an episode.

        Args:
            lived: the whole of it.
            deeds: what was run in it.

        Raises:
            BudgetExceeded: a limit does not allow the request.
            ModelUnavailable: the model cannot be reached, or twice replies nothing that can be used.
        """
        once = replace(self.asker, settings=replace(self.asker.settings, num_repairs=1))
        variables = {
            "world": describe_card(self.card),
            "task": self.text,
            "episode": summarize_fields(self.card, lived, deeds),
        }
        return once.ask_one(_TEMPLATE, variables, Verdict, role=ROLE)
