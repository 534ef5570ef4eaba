"""Runs a skill's success test on this machine, and stores what it showed as a version of its own."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from skillwright.agents.acting.deeds import PARTS_SUCCESS_RATE
from skillwright.agents.acting.performer import Troupe
from skillwright.agents.acting.showing import score_episodes_of
from skillwright.core import ArtifactStore, ConfigError, Home, UserError
from skillwright.core.database import Database
from skillwright.core.serialising import to_json
from skillwright.core.tracing import annotate, traced
from skillwright.envs import EnvCard, find_card
from skillwright.learners import EpisodeScore
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.judge import summarize
from skillwright.skills import Evidence, Skill
from skillwright.skills.library import Library
from skillwright.skills.packs.binding import as_played, bind, read_calls

__all__ = ["LARGEST_OFFSET", "Verification", "VerifyRequest", "verify_skill"]

LARGEST_OFFSET: Final = 2**27 - 1
"""Largest offset among the held-out seeds."""
_AT_ONCE: Final = 100
_MOST_EPISODES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """How a skill is to be verified."""

    num_episodes: int = 100
    seed: int | None = None
    """The worlds are the held-out ones from this offset on; none: drawn at random, so that nobody could have trained
    for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What verifying a skill gave."""

    examined: Skill
    """The version that was examined; it stays as it is."""
    skill: Skill
    """The new version, ``verified`` or ``failed``, with the evidence measured here."""
    judged_by_own_card: bool
    """Whether the card that judged is this machine's; else the skill brought its success test along."""
    parts: "tuple[Verification, ...]" = ()
    """Of the skills that a program runs, those that had to be examined first; it fails if one of them does."""


@traced("verify", begins=True)
def verify_skill(home: Home, reference: str, request: VerifyRequest) -> Verification:
    """Plays a skill on held-out worlds, judges it by the card it was stored with, and stores the result.

    Before a program, the skills it runs are verified that are not yet, each once; the program then runs the versions
    that this gave.

    Args:
        home: the home folder.
        reference: ``name`` or ``name@version``.
        request: how many episodes, and which.

    Returns:
        What was found. The same version, seed and number of episodes give the version stored the first time.

    Raises:
        NotFound: there is no such skill.
        ConfigError: the skill has no success test, it runs one that is retired, or a number makes no sense.
        CorruptArtifact: one of its files is missing or damaged.
        EnvError: its world cannot be played.
        MissingExtra: what its world needs is not installed.
    """
    if not 1 <= request.num_episodes <= _MOST_EPISODES:
        raise ConfigError(f"the number of episodes must be 1 to {_MOST_EPISODES}")
    offset = secrets.randbelow(LARGEST_OFFSET + 1) if request.seed is None else request.seed
    if not 0 <= offset <= LARGEST_OFFSET:
        raise ConfigError(f"the seed must be 0 to {LARGEST_OFFSET}")
    artifacts = ArtifactStore(home.artifacts)
    troupe = Troupe(library=Library(Database.open(home), artifacts), artifacts=artifacts)
    first = HELD_OUT_SEED + offset
    examining = _Examining(troupe=troupe, seeds=range(first, first + request.num_episodes))
    return examining.examine(troupe.library.get(reference))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examining:
    """Examines skills on the same worlds, each once."""

    troupe: Troupe
    seeds: range
    done: dict[str, Verification] = field(default_factory=dict)
    """By what was examined."""

    def examine(self, skill: Skill) -> Verification:
        if skill.reference not in self.done:
            self.done[skill.reference] = self._examine(skill)
        return self.done[skill.reference]

    def _examine(self, skill: Skill) -> Verification:
        card = self.troupe.card(skill)
        if not _has_test(skill, card):
            raise ConfigError(
                f"the task {skill.task} of {card.id} has no success test, so no skill for it can be verified"
            )
        ready, parts = self._prepare(skill) if skill.kind == "program" else (skill, ())
        started = time.monotonic()
        scores = self._play(ready, card)
        is_whole = all(part.skill.status == "verified" for part in parts)
        result = _judged(ready, card, scores, first_seed=self.seeds.start, is_whole=is_whole)
        seconds = round(time.monotonic() - started, 1)
        evidence = result.evidence.model_copy(update={"wall_time_s": seconds})
        stored = self.troupe.library.store(result.model_copy(update={"evidence": evidence}))
        annotate(examined=skill.reference, stored=stored.reference, status=stored.status)
        return Verification(examined=skill, skill=stored, judged_by_own_card=_is_own(card), parts=parts)

    def _play(self, skill: Skill, card: EnvCard) -> list[EpisodeScore]:
        scores: list[EpisodeScore] = []
        for begin in range(0, len(self.seeds), _AT_ONCE):
            scores += score_episodes_of(skill, card, self.troupe, self.seeds[begin : begin + _AT_ONCE])
        return scores

    def _prepare(self, program: Skill) -> tuple[Skill, tuple[Verification, ...]]:
        """Verifies what a program runs, and has it run the versions that this gave."""
        library, moved = self.troupe.library, dict[str, str]()
        parts: list[Verification] = []
        for reference in program.dependencies:
            needed = library.get(reference)
            found = self._usable(needed, program)
            if found is None:
                parts.append(self.examine(needed))
                found = parts[-1].skill
            moved[reference] = found.reference
            if found.reference == needed.reference:
                moved[reference] = reference
        return self._rebound(program, moved), tuple(parts)

    def _usable(self, needed: Skill, program: Skill) -> Skill | None:
        """Finds the version of a skill that needs no verifying any more; none if there is none."""
        if needed.status == "verified" or not _has_test(needed, self.troupe.card(needed)):
            return needed
        for one in self.troupe.library.versions(needed.name):
            if one.status == "verified" and _comes_of(one, needed):
                return one
        if needed.status == "retired":
            raise ConfigError(f"{program.reference} runs {needed.reference}, which is retired; verify it first")
        return None

    def _rebound(self, program: Skill, moved: Mapping[str, str]) -> Skill:
        """Lets a program run other versions of what it runs."""
        if all(old == new for old, new in moved.items()):
            return program
        source = self.troupe.source(program)
        targets = {}
        for call in read_calls(source):
            meant = as_played(call.called, program.dependencies)
            targets[call.called] = moved.get(meant) or self.troupe.library.get(meant).reference
        bound = bind(source, targets)
        changes: dict[str, object] = {
            "policy": self.troupe.artifacts.put(bound.source.encode()),
            "dependencies": bound.dependencies,
            "parts": tuple(moved.get(one, one) for one in program.parts),
        }
        return program.model_copy(update=changes)


def _has_test(skill: Skill, card: EnvCard) -> bool:
    """Tells whether anything can judge a skill; one with parts is judged by those."""
    return bool(skill.parts) or card.tasks[skill.task].success is not None


def _comes_of(one: Skill, other: Skill) -> bool:
    """Tells whether a version acts as another and is judged alike; programs run other versions once verified."""
    if (one.kind, one.card, one.task, one.step_limit) != (other.kind, other.card, other.task, other.step_limit):
        return False
    return one.policy == other.policy if one.kind == "policy" else one.lineage.run_id.startswith(_run_of(other))


def _run_of(examined: Skill) -> str:
    return f"verify-{examined.name}-{examined.version}-"


def _judged(skill: Skill, card: EnvCard, scores: list[EpisodeScore], *, first_seed: int, is_whole: bool) -> Skill:
    """Describes the new version; its run is called after what was examined and how."""
    judgement = summarize(scores)
    required = PARTS_SUCCESS_RATE if skill.parts else card.tasks[skill.task].required_success_rate
    passed = judgement.success_rate is not None and judgement.success_rate >= required
    run_id = f"{_run_of(skill)}{first_seed}-{len(scores)}"
    changes: dict[str, object] = {
        "status": "verified" if passed and is_whole else "failed",
        "evidence": Evidence(
            first_seed=first_seed,
            num_episodes=judgement.num_episodes,
            success_rate=judgement.success_rate,
            success_interval=judgement.success_interval,
            fitness=judgement.fitness,
            fitness_interval=judgement.fitness_interval,
            required_success_rate=required,
            training_timesteps=0,
            wall_time_s=0.0,
        ),
        "lineage": skill.lineage.model_copy(update={"run_id": run_id}),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return skill.model_copy(update=changes)


def _is_own(card: EnvCard) -> bool:
    try:
        return to_json(find_card(card.id)) == to_json(card)
    except UserError:
        return False
