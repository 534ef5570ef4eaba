"""Carries a composite task out: gets its parts, tries them together, plans anew where they fail, judges, stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, NamedTuple

from skillwright.agents.acting.deeds import PARTS_SUCCESS_RATE
from skillwright.agents.acting.performer import Troupe
from skillwright.agents.acting.showing import film_skill
from skillwright.agents.composing.chain import Chain, ChainTrial, try_chain
from skillwright.agents.composing.parts import PartMaking
from skillwright.agents.filming import Video
from skillwright.agents.planners.protocol import Failure, Planner
from skillwright.agents.run_types import Attempt, Part, Plan, RunRequest
from skillwright.core import EnvError, MissingExtra
from skillwright.core.serialising import to_json
from skillwright.core.steps import Steps
from skillwright.learners.worlds import HELD_OUT_SEED, selection_seeds
from skillwright.llm import Spending
from skillwright.rewards.records import Judgement
from skillwright.skills import Evidence, Lineage, Skill
from skillwright.skills.library import slug

__all__ = ["Composed", "Composite"]

_NUM_TRIAL_EPISODES: Final = 20


class Composed(NamedTuple):
    """What a composite task came to."""

    attempts: tuple[Attempt, ...]
    """In the order in which they were made."""
    skill: Skill
    held_out: Judgement


class _Tried(NamedTuple):
    plan: Plan
    parts: tuple[Part, ...]
    trial: ChainTrial

    @property
    def outcome(self) -> str:
        """Says in lines how far the parts came."""
        return self.trial.described([f"{part.sub_task.id} ({part.skill.reference})" for part in self.parts])

    @property
    def num_trained(self) -> int:
        """Env steps that the new skills took."""
        return sum(part.skill.evidence.training_timesteps for part in self.parts if part.made)

    def attempt(self, *, is_stored: bool) -> Attempt:
        """Gives it as the record of the run has it."""
        return Attempt(plan=self.plan, parts=self.parts, outcome=self.outcome, is_stored=is_stored)


@dataclass(frozen=True, kw_only=True)
class Composite:
    """One composite run."""

    making: PartMaking
    planner: Planner

    def carry_out(self, plan: Plan) -> Composed:
        """Carries it out; what an earlier sitting has done is not done again.

        Args:
            plan: the first, with more than one sub-task.

        Raises:
            SkillwrightError: the run of a part fails; the whole can be resumed.
        """
        spent: list[Spending] = []
        tried = [self._attempt(plan, 0, spent)]
        while tried[-1].trial.success_rate < PARTS_SUCCESS_RATE and len(tried) <= self._request.max_replans:
            tried.append(self._attempt(self._replan(tried), len(tried), spent))
        best = max(reversed(tried), key=lambda one: one.trial.success_rate)
        chain = self._chain(best.parts)
        self._said(f"Judging the parts together on {self._request.num_held_out} held-out episodes.")
        held_out_seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + self._request.num_held_out)
        held_out = self._steps.once(
            "held-out-chain", ChainTrial, lambda: try_chain(chain, self._troupe, held_out_seeds)
        )
        num_steps = held_out.num_steps + sum(one.trial.num_steps + one.num_trained for one in tried)
        draft = self._describe(chain, tried.index(best), held_out.judgement, num_steps)
        film = self._steps.once("video", Video, lambda: self._film(draft))
        stored = draft.model_copy(update={"video": film.artifact})
        skill = self._steps.once("skill", Skill, lambda: self.making.workshop.library.store(stored))
        return Composed(tuple(one.attempt(is_stored=one is best) for one in tried), skill, held_out.judgement)

    @property
    def _request(self) -> RunRequest:
        return self.making.settled.request

    @property
    def _steps(self) -> Steps:
        return self.making.steps

    @cached_property
    def _troupe(self) -> Troupe:
        return Troupe(library=self.making.workshop.library, artifacts=self.making.workshop.artifacts)

    def _said(self, line: str) -> None:
        self.making.workshop.observer.said(line)

    def _attempt(self, plan: Plan, index: int, spent: list[Spending]) -> _Tried:
        parts = tuple(self.making.get(sub_task, index, spent) for sub_task in plan.sub_tasks)
        chain = self._chain(parts)
        self._said(f"Trying the {len(parts)} parts together on {_NUM_TRIAL_EPISODES} episodes.")
        trial = self._try(f"attempt-{index}/trial", chain, selection_seeds(_NUM_TRIAL_EPISODES))
        self._said(f"All parts were done in {trial.success_rate:.0%} of them.")
        return _Tried(plan, parts, trial)

    def _try(self, key: str, chain: Chain, seeds: range) -> ChainTrial:
        return self._steps.once(key, ChainTrial, lambda: try_chain(chain, self._troupe, seeds))

    def _replan(self, tried: Sequence[_Tried]) -> Plan:
        last = tried[-1]
        skills = tuple(part.skill for part in last.parts)
        failure = Failure(plan=last.plan, skills=skills, weakest=last.trial.weakest, outcome=last.outcome)
        self._said(f"{last.parts[failure.weakest].sub_task.text}: this part fails most; planning anew.")
        settled = self.making.settled
        plan = self._steps.once(
            f"plan/{len(tried)}", Plan, lambda: self.planner.replan(settled.request, settled.card, failure)
        )
        self._said(f"Plan: {plan.rationale}")
        return plan

    def _chain(self, parts: Sequence[Part]) -> Chain:
        settled = self.making.settled
        return Chain(settled.request.text, settled.card, [part.skill for part in parts])

    def _film(self, draft: Skill) -> Video:
        place = self.making.workshop.home.run_folder(self._steps.run_id) / "skill.mp4"
        try:
            film_skill(draft, self.making.settled.card, self._troupe, [HELD_OUT_SEED], place=place)
        except (EnvError, MissingExtra) as error:
            self._said(f"No video: {error}")
            return Video(artifact=None, problem=str(error))
        return Video(artifact=self.making.workshop.artifacts.put(place.read_bytes()))

    def _describe(self, chain: Chain, index: int, held_out: Judgement, num_steps: int) -> Skill:
        """Writes the manifest; the library gives it its version."""
        artifacts, request = self.making.workshop.artifacts, self._request
        references = tuple(part.reference for part in chain.parts)
        return Skill(
            name=slug(request.text),
            version=1,
            status="verified" if (held_out.success_rate or 0.0) >= PARTS_SUCCESS_RATE else "failed",
            kind="program",
            description=" Then: ".join(part.description for part in chain.parts),
            env_id=chain.card.id,
            task=chain.parts[-1].task,
            step_limit=chain.step_limit,
            card=artifacts.put(to_json(chain.card).encode()),
            policy=artifacts.put(chain.source.encode()),
            dependencies=tuple(dict.fromkeys(references)),
            parts=references,
            reward_source="",
            reward_weights={},
            evidence=Evidence(
                first_seed=HELD_OUT_SEED,
                num_episodes=held_out.num_episodes,
                success_rate=held_out.success_rate,
                success_interval=held_out.success_interval,
                fitness=held_out.fitness,
                fitness_interval=held_out.fitness_interval,
                required_success_rate=PARTS_SUCCESS_RATE,
                training_timesteps=num_steps,
                wall_time_s=round(self._steps.journal.run(self._steps.run_id).work_seconds, 1),
            ),
            lineage=Lineage(
                run_id=self._steps.run_id,
                task_text=request.text,
                planner=self.planner.name,
                proposer="composed",
                model="none",
                candidate_id=f"attempt-{index}",
                generation=0,
                parents=(),
            ),
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
