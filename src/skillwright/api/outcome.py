"""What a run gives to whoever called it."""

from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from skillwright.api.shelf import StoredSkill
from skillwright.envs import Actions
from skillwright.learners import Policy
from skillwright.report.finishing import RunResult
from skillwright.rewards.records import Judgement

__all__ = ["RunOutcome"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RunOutcome:
    """A finished run: the skill, and what it showed."""

    result: RunResult
    """What the command line prints: report, video, models, wall time."""
    skill: StoredSkill
    """What was stored in the library, or taken from it."""

    @property
    def run_id(self) -> str:
        """Id of the run, for ``resume`` and the command line."""
        return self.result.run_id

    @property
    def is_verified(self) -> bool:
        """Whether the skill passed its test on held-out episodes."""
        return self.skill.is_verified

    @property
    def is_reused(self) -> bool:
        """Whether the library already had the skill."""
        return self.result.reused

    @property
    def evidence(self) -> Judgement:
        """The skill on the held-out episodes of this run."""
        return self.result.held_out

    @property
    def policy(self) -> Policy:
        """The trained policy; see ``StoredSkill.policy``."""
        return self.skill.policy

    def act(self, observation: NDArray[np.floating]) -> Actions | int:
        """Chooses the most likely action; see ``StoredSkill.act``."""
        return self.skill.act(observation)

    def __repr__(self) -> str:
        verb = "reused" if self.is_reused else "made"
        return f"<run {self.run_id}: {verb} {self.skill!r} in {self.result.wall_time_s:.0f} s>"

    def _repr_html_(self) -> str:
        """Shows the run in a notebook, with its figures and its files."""
        facts = {
            "skill": self.skill.reference,
            "status": self.skill.manifest.status,
            "success": "" if self.evidence.success_rate is None else f"{self.evidence.success_rate:.0%}",
            "fitness": f"{self.evidence.fitness:.4g}",
            "judged on": f"{self.evidence.num_episodes} held-out episodes",
            "report": str(self.result.report or ""),
            "video": str(self.result.video or ""),
        }
        rows = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in facts.items())
        return f"<table>{rows}</table>"
