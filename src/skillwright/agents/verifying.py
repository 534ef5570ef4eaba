"""Runs a skill's success test on this machine, and stores what it showed as a version of its own."""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skillwright.agents.acting.performer import Troupe
from skillwright.agents.acting.showing import play_episodes_of
from skillwright.core import ArtifactStore, ConfigError, Home, UserError
from skillwright.core.database import Database
from skillwright.core.serialising import to_json
from skillwright.envs import EnvCard, find_card
from skillwright.learners import EpisodeScore
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.judge import passes, summarize
from skillwright.skills import Evidence, Skill
from skillwright.skills.library import Library

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


def verify_skill(home: Home, reference: str, request: VerifyRequest) -> Verification:
    """Plays a skill on held-out worlds, judges it by the card it was stored with, and stores the result.

    Args:
        home: the home folder.
        reference: ``name`` or ``name@version``.
        request: how many episodes, and which.

    Returns:
        What was found. The same version, seed and number of episodes give the version stored the first time.

    Raises:
        NotFound: there is no such skill.
        ConfigError: the skill has no success test, or a number makes no sense.
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
    library = Library(Database.open(home), artifacts)
    skill, troupe = library.get(reference), Troupe(library=library, artifacts=artifacts)
    card = troupe.card(skill)
    if card.tasks[skill.task].success is None:
        raise ConfigError(f"the task {skill.task} of {card.id} has no success test, so no skill for it can be verified")
    first, started = HELD_OUT_SEED + offset, time.monotonic()
    scores = _play(skill, card, troupe, range(first, first + request.num_episodes))
    result = _judged(skill, card, scores, first_seed=first)
    seconds = round(time.monotonic() - started, 1)
    evidence = result.evidence.model_copy(update={"wall_time_s": seconds})
    stored = library.store(result.model_copy(update={"evidence": evidence}))
    return Verification(examined=skill, skill=stored, judged_by_own_card=_is_own(card))


def _play(skill: Skill, card: EnvCard, troupe: Troupe, seeds: range) -> list[EpisodeScore]:
    scores: list[EpisodeScore] = []
    for begin in range(0, len(seeds), _AT_ONCE):
        scores += troupe.judge(skill).score(play_episodes_of(skill, card, troupe, seeds[begin : begin + _AT_ONCE]))
    return scores


def _judged(skill: Skill, card: EnvCard, scores: list[EpisodeScore], *, first_seed: int) -> Skill:
    """Describes the new version; its run is called after what was examined and how."""
    judgement, task = summarize(scores), card.tasks[skill.task]
    run_id = f"verify-{skill.name}-{skill.version}-{first_seed}-{len(scores)}"
    changes: dict[str, object] = {
        "status": "verified" if passes(judgement, task) else "failed",
        "evidence": Evidence(
            first_seed=first_seed,
            num_episodes=judgement.num_episodes,
            success_rate=judgement.success_rate,
            success_interval=judgement.success_interval,
            fitness=judgement.fitness,
            fitness_interval=judgement.fitness_interval,
            required_success_rate=task.required_success_rate,
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
