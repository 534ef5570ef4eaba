"""Plays a stored skill in its world, judges what it did, and films it."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from skillwright.agents.filming import film
from skillwright.core import ArtifactStore, ConfigError, CorruptArtifact, EnvError, Home, MissingExtra
from skillwright.core.database import Database
from skillwright.envs import EnvCard
from skillwright.learners import EpisodeScore, Policy
from skillwright.learners.evaluation import play_episodes
from skillwright.rewards.judge import Judge
from skillwright.skills import Skill
from skillwright.skills.library import Library

__all__ = ["PlayOutcome", "PlayRequest", "play_skill", "read_card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayRequest:
    """How a skill is to be played."""

    num_episodes: int = 3
    """Episodes, one after another."""
    seed: int = 0
    """The worlds have the seeds ``seed .. seed + num_episodes - 1``."""
    video: Path | None = None
    """Where the mp4 goes; none: ``play.mp4`` beside the report of the run that made the skill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayOutcome:
    """What a skill did."""

    skill: Skill
    scores: list[EpisodeScore]
    """One per episode."""
    video: Path | None
    """None if the world cannot be drawn."""
    problem: str = ""
    """Why there is no video."""


def play_skill(home: Home, reference: str, request: PlayRequest) -> PlayOutcome:
    """Plays a stored skill, judged by the card it was stored with.

    Args:
        home: the home folder.
        reference: ``name`` or ``name@version``.
        request: how to play it.

    Returns:
        What it did.

    Raises:
        NotFound: there is no such skill.
        CorruptArtifact: one of its files is missing or damaged.
        ConfigError: the number of episodes is not positive, or the seed is negative.
    """
    if request.num_episodes < 1 or request.seed < 0:
        raise ConfigError("the number of episodes must be at least 1, and the seed at least 0")
    artifacts = ArtifactStore(home.artifacts)
    skill = Library(Database.open(home), artifacts).get(reference)
    card = read_card(artifacts.get(skill.card))
    policy = Policy.from_bytes(artifacts.get(skill.policy))
    judge = Judge(card, skill.task)
    place = request.video or home.run_folder(skill.lineage.run_id) / "play.mp4"
    seeds = range(request.seed, request.seed + request.num_episodes)
    problem = ""
    try:
        episodes = film(card, policy, seeds, place)
    except (EnvError, MissingExtra) as error:
        problem = str(error)
        [episodes] = play_episodes(card, [policy], seeds)
    scores = judge.score(episodes)
    return PlayOutcome(skill=skill, scores=scores, video=None if problem else place, problem=problem)


def read_card(data: bytes) -> EnvCard:
    """Reads the card a skill was stored with.

    Args:
        data: of the artifact.

    Raises:
        CorruptArtifact: it is no card.
    """
    try:
        return EnvCard.model_validate_json(data)
    except ValidationError as error:
        raise CorruptArtifact(f"the stored env card cannot be read: {error}") from error
