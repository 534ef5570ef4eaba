"""Has skills act in an episode: a policy until its task is done, a program by asking for other skills.

Options in the sense of Sutton, Precup and Singh (1999, Artificial Intelligence 112): a policy starts wherever the one
before it has left the world, and ends when its own success program says so of what it has done, after its step limit,
or with the world. Deviation: the end is looked for every few steps and has to be seen twice, for a success program is
written for whole episodes and may hold for a moment on the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from skillwright.agents.acting.deeds import Deed, num_parts_done
from skillwright.agents.acting.episode import Episode, WorldOver
from skillwright.core import ArtifactStore, ConfigError, NotFound
from skillwright.core.errors import ProgramFailed
from skillwright.core.tracing import annotate, traced, unrecorded
from skillwright.envs import EnvCard
from skillwright.learners import Policy
from skillwright.rewards.judge import Judge
from skillwright.sandbox import State, shared_sandbox
from skillwright.skills import Skill
from skillwright.skills.library import Library
from skillwright.skills.stored_card import read_card

__all__ = ["Performer", "SkillGaveUp", "Troupe"]

_CHECK_EVERY: Final = 5
"""Env steps between two looks at whether a policy is done."""
_DEEPEST: Final = 8
"""Programs that may run within each other."""


class SkillGaveUp(ProgramFailed):
    """Says why a skill program did not come to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Troupe:
    """The skills that may act, each read once."""

    library: Library
    artifacts: ArtifactStore
    _policies: dict[str, Policy] = field(default_factory=dict)
    _judges: dict[tuple[str, str], Judge] = field(default_factory=dict)

    def policy(self, skill: Skill) -> Policy:
        """Reads the policy of a skill."""
        if skill.policy not in self._policies:
            self._policies[skill.policy] = Policy.from_bytes(self.artifacts.get(skill.policy))
        return self._policies[skill.policy]

    def judge(self, skill: Skill) -> Judge:
        """Makes the judge of a skill, from the card it was stored with."""
        key = (skill.card, skill.task)
        if key not in self._judges:
            self._judges[key] = Judge(self.card(skill), skill.task)
        return self._judges[key]

    def card(self, skill: Skill) -> EnvCard:
        """Reads the card a skill was stored with."""
        return read_card(skill, self.artifacts)

    def source(self, skill: Skill) -> str:
        """Reads the text of a skill that is a program."""
        return self.artifacts.get(skill.policy).decode()


class Performer:
    """Runs skills in one episode, and keeps what each did.

    Args:
        troupe: the skills.
        episode: the world.
    """

    def __init__(self, troupe: Troupe, episode: Episode) -> None:
        self._troupe = troupe
        self._episode = episode
        self.deeds: list[Deed] = []
        """In the order in which they ended."""

    @traced("act.skill")
    def perform(self, skill: Skill, options: Mapping[str, float] | None = None, depth: int = 0) -> Deed:
        """Runs a skill from the present state.

        Args:
            skill: a policy or a program.
            options: of a program.
            depth: programs around it.

        Returns:
            What it did.

        Raises:
            SkillGaveUp: a program failed.
            WorldOver: the episode has ended before it could begin.
        """
        if self._episode.is_over:
            raise WorldOver
        if skill.env_id != self._episode.card.id:
            raise SkillGaveUp(f"{skill.name} was made for {skill.env_id}, and this world is {self._episode.card.id}")
        first, num_deeds = self._episode.num_steps, len(self.deeds)
        if skill.kind == "policy":
            with unrecorded():
                succeeded = self._follow(skill, options or {})
        else:
            self.run_program(self._troupe.source(skill), options or {}, depth, skill.dependencies)
            succeeded = self._has_done(skill, first, num_deeds)
        deed = Deed(skill.reference, dict(options or {}), first, self._episode.num_steps - first, succeeded, depth)
        self.deeds.append(deed)
        annotate(skill=skill.reference, kind=skill.kind, depth=depth, steps=deed.num_steps, succeeded=deed.succeeded)
        return deed

    @traced("act.program")
    def run_program(
        self, source: str, options: Mapping[str, float], depth: int = 0, pinned: Sequence[str] = ()
    ) -> None:
        """Runs a program that acts, in a process of its own.

        It ends with the program's last line or with the world, whichever is first; that the world ends is no failure.

        Args:
            source: defines ``skill(s, run)``.
            options: of the program.
            depth: programs around it.
            pinned: ``name@version`` of skills it calls by name; other names mean what they mean in the library now.

        Raises:
            SkillGaveUp: it failed, or asked for what is not there.
            ProgramRejected: it is outside the allowed language.
        """
        if depth >= _DEEPEST:
            raise SkillGaveUp(f"programs may run within each other {_DEEPEST} deep and no deeper")
        cell = shared_sandbox().hold({"skill": source})
        versions = {reference.partition("@")[0]: reference for reference in pinned}

        def respond(name: str, values: Mapping[str, float]) -> State:
            deed = self.perform(self._troupe.library.get(versions.get(name, name)), values, depth + 1)
            return {
                **self._episode.state(),
                "succeeded": float(bool(deed.succeeded)),
                "num_steps": float(deed.num_steps),
            }

        try:
            cell.converse(self._episode.state(), options, respond)
        except WorldOver:
            pass
        except SkillGaveUp:
            raise
        except (ProgramFailed, ConfigError, NotFound) as error:
            raise SkillGaveUp(str(error)) from error
        finally:
            cell.close()

    def _has_done(self, program: Skill, first: int, num_deeds: int) -> bool | None:
        """Judges what a program did, by its parts if it has any."""
        if program.parts:
            return num_parts_done(self.deeds[num_deeds:], program.parts) == len(program.parts)
        return self._succeeded(program, first)

    def _follow(self, skill: Skill, options: Mapping[str, float]) -> bool | None:
        """Lets a policy act until it is done."""
        if options:
            raise SkillGaveUp(f"{skill.name} is a policy and has no options; write run({skill.name!r})")
        policy, first, num_seen = self._troupe.policy(skill), self._episode.num_steps, 0
        succeeded: bool | None = None
        last = first + skill.step_limit
        while not self._episode.is_over and self._episode.num_steps < last and num_seen < 2:
            self._advance(policy, min(_CHECK_EVERY, last - self._episode.num_steps))
            succeeded = self._succeeded(skill, first)
            num_seen = num_seen + 1 if succeeded else 0
        return succeeded

    def _advance(self, policy: Policy, num_steps: int) -> None:
        """Takes so many steps, or fewer if the world ends."""
        for _ in range(num_steps):
            self._episode.step(policy.act(self._episode.observation))
            if self._episode.is_over:
                return

    def _succeeded(self, skill: Skill, first: int) -> bool | None:
        """Judges what was done since a step, as the skill's own test does."""
        if self._episode.num_steps == first:
            return False
        [score] = self._troupe.judge(skill).score([self._episode.since(first)])
        return score.success
