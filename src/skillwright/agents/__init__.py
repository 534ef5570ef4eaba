"""From a sentence to skills: planning, acquiring, playing."""

from skillwright.agents.playing import PlayOutcome, PlayRequest, play_skill
from skillwright.agents.run_types import Plan, RunRecord, RunRequest, SubTask
from skillwright.agents.running import begin_run, carry_out_run

__all__ = [
    "Plan",
    "PlayOutcome",
    "PlayRequest",
    "RunRecord",
    "RunRequest",
    "SubTask",
    "begin_run",
    "carry_out_run",
    "play_skill",
]
