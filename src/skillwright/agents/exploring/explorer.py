"""One sitting of an agent that learns by itself: a goal, a run for it, what became of it, and the next."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acting.performer import Troupe
from skillwright.agents.beginning import begin_run
from skillwright.agents.composing.parts import Begun, remaining
from skillwright.agents.crew import Crew
from skillwright.agents.exploring.card_curriculum import CardCurriculum
from skillwright.agents.exploring.goals import Curriculum, Experience, Goal, Outcome
from skillwright.agents.exploring.llm_curriculum import ROLE, LLMCurriculum
from skillwright.agents.exploring.time_limit import TimeIsUp, TimeLimited
from skillwright.agents.planners.usable_skills import usable_skills
from skillwright.agents.run_sizes import usual_timesteps
from skillwright.agents.run_types import RunRecord, RunRequest
from skillwright.agents.running import carry_out_run
from skillwright.core import (
    ArtifactStore,
    BudgetExceeded,
    ModelUnavailable,
    SkillwrightError,
    StorageError,
)
from skillwright.envs import EnvCard
from skillwright.llm import Spending
from skillwright.llm.profiles import Role, RoleProfile
from skillwright.skills.library import Library

__all__ = ["Exploration", "ExploreRequest", "Explorer", "Finish", "SettledExploration"]

_NO_TIME: Final = "The time is used up."
Finish = Callable[[RunRecord], object]


class ExploreRequest(BaseModel):
    """What a person asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: RunRequest
    """What every run is asked for, but for its task; its limits for models are those of the whole."""
    max_seconds: float
    """Of work, over all sittings."""
    max_goals: int | None = None
    """Most goals; none: no limit."""


class SettledExploration(BaseModel):
    """A request with the card and the models as they were when it was begun, as the journal has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: RunRequest
    explore: ExploreRequest
    card: EnvCard
    roles: dict[Role, RoleProfile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What an agent did."""

    run_id: str
    env_id: str
    curriculum: str
    """Name of what set the goals."""
    past: Sequence[tuple[Goal, Outcome]]
    stopped: str
    """Why it ended, in words."""
    unfinished: str | None
    """Id of the run that the end of the time cut off; it can be resumed."""
    wall_time_s: float
    spent: Spending
    """On models, over all."""

    @property
    def num_learned(self) -> int:
        """Goals that became verified skills."""
        return sum(outcome.is_verified for _, outcome in self.past)


class Explorer:
    """One sitting of an agent."""

    def __init__(self, settled: SettledExploration, crew: Crew, library: Library, finish: Finish) -> None:
        self._settled = settled
        self._crew = crew
        self._steps = crew.steps
        self._library = library
        self._finish = finish
        self._curriculum = _make_curriculum(crew, library)
        self._worked_before = self._steps.journal.run(self._steps.run_id).work_seconds
        self._began = time.monotonic()
        self._past: list[tuple[Goal, Outcome]] = []
        self._unfinished: str | None = None

    def explore(self) -> Exploration:
        """Sets goals and learns them until something is used up."""
        self._crew.observer.said(f"{self._curriculum.name} sets the tasks in {self._settled.card.id}.")
        stopped = self._take_up()
        while not stopped:
            stopped = self._take_up()
        return Exploration(
            run_id=self._steps.run_id,
            env_id=self._settled.card.id,
            curriculum=self._curriculum.name,
            past=self._past,
            stopped=stopped,
            unfinished=self._unfinished,
            wall_time_s=self._worked(),
            spent=_total(self._spent()),
        )

    def _take_up(self) -> str:
        """Sets one goal and learns it; says why this is the end, if it is."""
        key = f"goal/{len(self._past)}"
        stopped = "" if self._steps.find(f"{key}/outcome", Outcome) else self._used_up()
        if stopped:
            begun_before = self._steps.find(f"{key}/run", Begun)
            self._unfinished = begun_before.run_id if begun_before else None
            return stopped
        goal = self._steps.once(key, Goal, self._choose)
        if goal.kind == "nothing":
            return goal.reason
        self._crew.observer.said(f"Goal {len(self._past) + 1}: {goal.text} {goal.reason}")
        begun = self._steps.once(f"{key}/run", Begun, lambda: Begun(run_id=self._begin(goal)))
        try:
            outcome = self._steps.once(f"{key}/outcome", Outcome, lambda: self._learn(begun.run_id))
        except TimeIsUp:
            self._unfinished = begun.run_id
            return _NO_TIME
        except BudgetExceeded as error:
            self._unfinished = begun.run_id
            return f"What models may cost is used up: {error}"
        self._past.append((goal, outcome))
        self._crew.observer.said(f"Goal {len(self._past)}: {_told(outcome)}")
        return ""

    def _used_up(self) -> str:
        most = self._settled.explore.max_goals
        if most is not None and len(self._past) >= most:
            return f"The {most} goals that were asked for are done."
        return _NO_TIME if self._worked() >= self._settled.explore.max_seconds else ""

    def _worked(self) -> float:
        return self._worked_before + time.monotonic() - self._began

    def _choose(self) -> Goal:
        card = self._settled.card
        return self._curriculum.next_goal(
            Experience(
                request=self._settled.request,
                card=card,
                past=self._past,
                skills=[
                    skill
                    for skill in usable_skills(self._library, card, also_composed=True).values()
                    if skill.status == "verified"
                ],
            )
        )

    def _begin(self, goal: Goal) -> str:
        request = self._settled.request
        changes = {
            "text": goal.text,
            "task": goal.task,
            "from_run": goal.from_run,
            "reuse": goal.kind != "again",
            "seed": request.seed + len(self._past),
            "is_confirmed": True,
            "total_timesteps": goal.effort * (request.total_timesteps or usual_timesteps(self._settled.card)),
        }
        return begin_run(self._crew.home, request.model_copy(update=changes))

    def _learn(self, run_id: str) -> Outcome:
        """Carries the run of a goal out; that it fails for a reason in the world or the task is an outcome too."""
        deadline = self._began + self._settled.explore.max_seconds - self._worked_before
        observer = TimeLimited(self._crew.observer, deadline)
        limits = remaining(self._settled.request, self._spent())
        try:
            record = carry_out_run(self._crew.home, run_id, observer, limits=limits)
        except (BudgetExceeded, ModelUnavailable, StorageError):
            raise
        except SkillwrightError as error:
            seconds = self._steps.journal.run(run_id).work_seconds
            return Outcome(
                run_id=run_id,
                skill=None,
                is_verified=False,
                success_rate=None,
                env_steps=0,
                seconds=seconds,
                problem=str(error),
            )
        self._finish(record)
        return _outcome(record)

    def _spent(self) -> list[Spending]:
        return [*(use.spending for use in self._crew.uses()), *(outcome.spending for _, outcome in self._past)]


def _make_curriculum(crew: Crew, library: Library) -> Curriculum:
    by_card = CardCurriculum(Troupe(library=library, artifacts=ArtifactStore(crew.home.artifacts)))
    asker = next(iter(crew.askers(ROLE).values()), None)
    return by_card if asker is None else LLMCurriculum(asker, by_card, can_judge_own_words="verifier" in crew.roles)


def _outcome(record: RunRecord) -> Outcome:
    total = _total([use.spending for use in record.models])
    return Outcome(
        run_id=record.run_id,
        skill=record.skill.reference,
        is_verified=record.skill.status == "verified",
        success_rate=record.held_out.success_rate,
        env_steps=0 if record.is_reused else record.skill.evidence.training_timesteps,
        seconds=record.wall_time_s,
        usd=total.usd,
        tokens=total.tokens,
    )


def _told(outcome: Outcome) -> str:
    if outcome.skill is None:
        return f"not learned: {outcome.problem}"
    rate = "" if outcome.success_rate is None else f", {outcome.success_rate:.0%} of held-out episodes"
    return f"{outcome.skill} {'learned' if outcome.is_verified else 'not learned'}{rate}"


def _total(spent: Sequence[Spending]) -> Spending:
    return Spending(
        num_requests=sum(one.num_requests for one in spent),
        prompt_tokens=sum(one.prompt_tokens for one in spent),
        completion_tokens=sum(one.completion_tokens for one in spent),
        usd=sum(one.usd for one in spent),
    )
