"""Planners: from a sentence to sub-tasks that can be judged. One idea per file in ``planners``; this is their door."""

from skillwright.agents.planners.card_planner import CardPlanner
from skillwright.agents.planners.card_tasks import choose_task, fingerprint
from skillwright.agents.planners.llm_planner import LLMPlanner
from skillwright.agents.planners.protocol import Failure, Planner

__all__ = ["CardPlanner", "Failure", "LLMPlanner", "Planner", "choose_task", "fingerprint"]
