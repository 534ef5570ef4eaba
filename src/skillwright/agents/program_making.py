"""Writes a skill program, if nobody has, judges it on held-out episodes, and stores it with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from skillwright.agents.acting.calls import called_names, pin_calls
from skillwright.agents.acting.coding import ROLE as CODER
from skillwright.agents.acting.coding import Attempt, write_skill
from skillwright.agents.acting.judging import ROLE as JUDGE
from skillwright.agents.acting.judging import EpisodeJudge, Verdict
from skillwright.agents.acting.performer import Troupe
from skillwright.agents.acting.trial import ProgramTask, Tried, try_program
from skillwright.agents.crew import Crew
from skillwright.agents.person import NOBODY, Person
from skillwright.agents.run_types import ModelUse, RunRequest
from skillwright.core import ConfigError
from skillwright.core.serialising import to_json
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.llm.profiles import Role, RoleProfile
from skillwright.rewards.judge import passes, summarize
from skillwright.rewards.records import Judgement
from skillwright.skills import Evidence, Lineage, Skill, SkillStatus
from skillwright.skills.library import Library

__all__ = ["ProgramMaking", "ProgramRecord", "SettledProgram", "usable_skills"]

_MOST_SHOWN: Final = 20
"""Skills a model is shown."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SettledProgram(_Record):
    """A request for a program with every default filled in, as the journal has it."""

    request: RunRequest
    name: str
    """Of the skill."""
    source: str | None
    """None: a language model writes it."""
    card: EnvCard
    """With the task of the person's own, if it is one."""
    roles: dict[Role, RoleProfile]
    num_turns: int = 4
    """Most programs that a language model writes."""
    step_limit: int | None = None
    """Env steps of an episode; none: the card's horizon."""


class _Attempts(_Record):
    attempts: list[Attempt]


class _Judged(_Record):
    judgement: Judgement
    num_steps: int
    problem: str
    verdicts: list[Verdict] = []
    """Of the episodes that a model judged."""


class _Confirmed(_Record):
    is_confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRecord:
    """A finished run of this kind."""

    run_id: str
    skill: Skill
    source: str
    num_attempts: int
    """Programs that a model wrote; 0 if a person did."""
    problem: str
    """Why the first held-out episode that failed to end stopped; empty if all came to their end."""
    models: tuple[ModelUse, ...]


class ProgramMaking:
    """Writes, judges and stores one program.

    Args:
        settled: what is to be made.
        steps: of the run; what an earlier sitting has done is not done again.
        troupe: the skills.
        crew: the language models.
        person: confirms what only a model has judged.
    """

    def __init__(
        self, settled: SettledProgram, steps: Steps, troupe: Troupe, crew: Crew, *, person: Person = NOBODY
    ) -> None:
        assert settled.request.task is not None
        self._settled = settled
        self._steps = steps
        self._troupe = troupe
        self._crew = crew
        self._person = person
        self._task = ProgramTask(
            card=settled.card,
            task=settled.request.task,
            step_limit=settled.step_limit or settled.card.horizon,
            text=settled.request.text,
            judge=self._episode_judge(),
        )

    def make(self) -> ProgramRecord:
        """Makes the skill.

        Raises:
            BudgetExceeded: a limit does not allow the first question.
            ConfigError: the program did nothing in one of its episodes.
            ModelUnavailable: the model cannot be reached, or writes nothing that can be used.
        """
        attempts = self._write() if self._settled.source is None else []
        source = self._settled.source or _best(attempts).source
        who = "" if self._task.judge is None else f" by {self._task.judge.spec}, for no program can judge the task"
        num = self._settled.request.num_held_out
        self._crew.observer.said(f"Judging the program on {num} held-out episodes{who}.")
        judged = self._steps.once("held-out-program", _Judged, lambda: self._judge(source))
        num_steps = judged.num_steps + sum(one.num_steps for one in attempts)
        skill = self._steps.once("skill", Skill, lambda: self._store(source, judged, num_steps, len(attempts)))
        return ProgramRecord(
            run_id=self._steps.run_id,
            skill=skill,
            source=source,
            num_attempts=len(attempts),
            problem=judged.problem,
            models=tuple(self._crew.uses()),
        )

    def _write(self) -> list[Attempt]:
        library, card = self._troupe.library, self._settled.card
        asker = next(iter(self._crew.askers(CODER).values()))
        self._crew.observer.said(f"{asker.model.spec} writes the program.")

        def write() -> _Attempts:
            skills, num_turns = usable_skills(library, card), self._settled.num_turns
            return _Attempts(attempts=write_skill(self._task, self._troupe, skills, asker, num_turns=num_turns))

        attempts = self._steps.once("attempts", _Attempts, write).attempts
        for number, one in enumerate(attempts, start=1):
            rate = 100 * one.success_rate
            self._crew.observer.said(f"Attempt {number}: {rate:.0f} % of its episodes succeeded.")
        return attempts

    def _judge(self, source: str) -> _Judged:
        seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + self._settled.request.num_held_out)
        tried = list(try_program(source, self._task, self._troupe, seeds))
        problem = next((one.problem for one in tried if one.problem), "")
        return _Judged(
            judgement=_sum_up(tried),
            num_steps=sum(one.score.length for one in tried if one.score),
            problem=problem,
            verdicts=[one.verdict for one in tried if one.verdict is not None],
        )

    def _episode_judge(self) -> EpisodeJudge | None:
        """Makes the model judge, where no program of the task says what a success is and a model is there."""
        card, request = self._settled.card, self._settled.request
        assert request.task is not None
        if card.tasks[request.task].success is not None:
            return None
        asker = next(iter(self._crew.askers(JUDGE).values()), None)
        return None if asker is None else EpisodeJudge(card=card, text=request.text, asker=asker)

    def _status(self, judged: _Judged) -> SkillStatus:
        """Decides what the skill counts as; a model's judgement is a draft until a person takes it for theirs."""
        task = self._settled.card.tasks[self._task.task]
        if task.success is not None:
            return "verified" if passes(judged.judgement, task) else "failed"
        if self._task.judge is None or not passes(judged.judgement, task):
            return "draft"
        confirmed = self._steps.once("confirmed", _Confirmed, lambda: _Confirmed(is_confirmed=self._confirms(judged)))
        return "verified" if confirmed.is_confirmed else "draft"

    def _confirms(self, judged: _Judged) -> bool:
        request, judge = self._settled.request, self._task.judge
        assert judge is not None
        if request.is_confirmed:
            return True
        rate = 100 * (judged.judgement.success_rate or 0.0)
        reasons = [f"- {'done' if one.success else 'not done'}: {one.reason}" for one in judged.verdicts]
        said = f"{judge.spec}, no program, judged {rate:.0f} % of {judged.judgement.num_episodes} episodes as done:"
        try:
            return self._person.confirms("\n".join([f"Task: {request.text}", said, *reasons]))
        except ConfigError:
            self._crew.observer.said(
                "Only a model has judged it and nobody is there to confirm that: it stays a draft."
            )
            return False

    def _store(self, source: str, judged: _Judged, num_steps: int, num_attempts: int) -> Skill:
        settled, task = self._settled, self._settled.card.tasks[self._task.task]
        judgement, judge = judged.judgement, self._task.judge
        artifacts = self._troupe.artifacts
        pinned = pin_calls(called_names(source), self._troupe.library)
        draft = Skill(
            name=settled.name,
            version=1,
            status=self._status(judged),
            kind="program",
            description=task.text,
            env_id=settled.card.id,
            task=self._task.task,
            step_limit=self._task.step_limit,
            card=artifacts.put(to_json(settled.card).encode()),
            policy=artifacts.put(source.encode()),
            dependencies=tuple(skill.reference for skill in pinned.values()),
            reward_source="",
            reward_weights={},
            evidence=Evidence(
                first_seed=HELD_OUT_SEED,
                num_episodes=judgement.num_episodes,
                success_rate=judgement.success_rate,
                success_interval=judgement.success_interval,
                fitness=judgement.fitness,
                fitness_interval=judgement.fitness_interval,
                required_success_rate=task.required_success_rate,
                training_timesteps=num_steps,
                wall_time_s=round(self._steps.journal.run(self._steps.run_id).work_seconds, 1),
                judged_by="code" if judge is None else judge.spec,
                reasons=tuple(one.reason for one in judged.verdicts),
            ),
            lineage=Lineage(
                run_id=self._steps.run_id,
                task_text=settled.request.text,
                planner="none",
                proposer="coder" if num_attempts else "person",
                model=settled.roles[CODER].model if num_attempts else "none",
                candidate_id=f"attempt-{num_attempts}",
                generation=0,
                parents=(),
            ),
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return self._troupe.library.store(draft)


def usable_skills(library: Library, card: EnvCard) -> list[Skill]:
    """Finds what a program may call.

    Args:
        library: has the skills.
        card: the world.
    """
    return [one for one in library.list() if one.env_id == card.id and one.status == "verified"][:_MOST_SHOWN]


def _best(attempts: Sequence[Attempt]) -> Attempt:
    """Chooses the attempt with most successes, then the highest fitness, then the newest."""
    return max(reversed(attempts), key=lambda one: (one.success_rate, one.fitness))


def _sum_up(tried: Sequence[Tried]) -> Judgement:
    """Sums held-out episodes up; one whose program did nothing or stopped early counts as failed."""
    scores = [
        one.score._replace(success=one.has_succeeded) if one.score and one.score.success is not None else one.score
        for one in tried
    ]
    played = [score for score in scores if score]
    if len(played) < len(scores) or not played:
        raise ConfigError(
            f"the program did nothing in an episode: {next(one.problem for one in tried if not one.score)}"
        )
    return summarize(played)
