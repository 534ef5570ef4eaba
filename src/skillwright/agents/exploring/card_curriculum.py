"""Chooses what to learn next without a language model: by what the agent can nearly do already."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Final

import numpy as np

from skillwright.agents.acting.performer import Troupe
from skillwright.agents.exploring.goals import Experience, Goal
from skillwright.envs import TransitionBlock
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.worlds import selection_seeds
from skillwright.rewards.judge import Judge
from skillwright.rewards.screens.recording import record_random_episodes

__all__ = ["CardCurriculum"]

_NUM_EPISODES: Final = 8
_MOST_EFFORT: Final = 4
"""A task that failed is tried again with twice the budget, and then with four times."""


class CardCurriculum:
    """Sets the card's tasks, the one first that the agent can nearly do; then pairs of skills; then what failed.

    How near a task is: the best mean fitness that chance or a skill the agent already has gets in it (the fitness of a
    task lies between 0 and 1, or is at least larger the nearer it comes). So what comes next is what is just above
    what works, in the sense of the zone of proximal development (Vygotsky 1978), measured instead of guessed.

    Args:
        troupe: has the skills.
    """

    name = "CardCurriculum"

    def __init__(self, troupe: Troupe) -> None:
        self._troupe = troupe

    def next_goal(self, experience: Experience) -> Goal:
        """Chooses a goal; see ``Curriculum.next_goal``."""
        return (
            self._new_task(experience)
            or _new_pair(experience)
            or _again(experience)
            or Goal(text="", kind="nothing", reason="Every task is learned or was given up, and so is every pair.")
        )

    def _new_task(self, experience: Experience) -> Goal | None:
        known = {skill.task for skill in experience.skills if not skill.parts}
        tried = {goal.task for goal, _ in experience.past}
        judged = [name for name, task in experience.card.tasks.items() if task.success]
        open_ = [name for name in judged if name not in known | tried]
        if not open_:
            return None
        nearness = self._nearness(experience, open_) if len(open_) > 1 else {open_[0]: 0.0}
        task = max(open_, key=lambda name: nearness[name])
        reason = (
            "It is the only task left."
            if len(open_) == 1
            else f"Of {len(open_)} tasks it is the one nearest to what works: fitness {nearness[task]:.3g} already."
        )
        return Goal(text=experience.card.tasks[task].text, task=task, kind="task", reason=reason)

    def _nearness(self, experience: Experience, tasks: Iterable[str]) -> Mapping[str, float]:
        """Measures the best mean fitness that chance and the known policies get in each task."""
        card = experience.card
        lived = [record_random_episodes(card, seed=experience.request.seed)[:_NUM_EPISODES]]
        policies = [self._troupe.policy(skill) for skill in experience.skills if skill.kind == "policy"]
        if policies:
            lived += play_episodes(card, policies, selection_seeds(_NUM_EPISODES))
        return {task: max(_mean_fitness(Judge(card, task), episodes) for episodes in lived) for task in tasks}


def _mean_fitness(judge: Judge, episodes: list[TransitionBlock]) -> float:
    return float(np.mean([score.fitness for score in judge.score(episodes)]))


def _new_pair(experience: Experience) -> Goal | None:
    """Finds two skills that have not been put together, those first that were least used so."""
    tasks = list(dict.fromkeys(skill.task for skill in experience.skills if not skill.parts))
    texts = {_pair(*pair): pair for pair in permutations(sorted(tasks), 2)}
    done = {goal.text for goal, _ in experience.past} | {skill.lineage.task_text for skill in experience.skills}
    used = Counter(task for text, pair in texts.items() if text in done for task in pair)
    fresh = [text for text in texts if text not in done]
    if not fresh:
        return None
    text = min(fresh, key=lambda one: sum(used[task] for task in texts[one]))
    return Goal(text=text, kind="together", reason="Both are learned, and were never done in one episode.")


def _pair(first: str, second: str) -> str:
    return f"{first.replace('_', ' ')}, then {second.replace('_', ' ')}"


def _again(experience: Experience) -> Goal | None:
    """Takes up the task that failed and has had the least effort."""
    verified = {skill.task for skill in experience.skills if not skill.parts}
    last = {goal.task: (goal, outcome) for goal, outcome in experience.past if goal.task}
    failed = [
        (goal, outcome.run_id)
        for task, (goal, outcome) in last.items()
        if task not in verified and goal.effort < _MOST_EFFORT
    ]
    if not failed:
        return None
    goal, run_id = min(failed, key=lambda one: one[0].effort)
    reason = f"It failed; its best rewards are taken up again with {2 * goal.effort} times the budget."
    return goal.model_copy(update={"kind": "again", "reason": reason, "from_run": run_id, "effort": 2 * goal.effort})
