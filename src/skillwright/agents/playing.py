"""Plays a stored skill in its world, judges what it did, and films it."""

from dataclasses import dataclass
from pathlib import Path

from skillwright.agents.acting.performer import Troupe
from skillwright.agents.acting.showing import film_skill, score_episodes_of
from skillwright.core import ArtifactStore, ConfigError, EnvError, Home, MissingExtra
from skillwright.core.database import Database
from skillwright.core.tracing import annotate, traced
from skillwright.learners import EpisodeScore
from skillwright.skills import Skill
from skillwright.skills.library import Library

__all__ = ["PlayOutcome", "PlayRequest", "play_skill"]


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


@traced("play", begins=True)
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
        EnvError: a program did nothing.
    """
    if request.num_episodes < 1 or request.seed < 0:
        raise ConfigError("the number of episodes must be at least 1, and the seed at least 0")
    artifacts = ArtifactStore(home.artifacts)
    troupe = Troupe(library=Library(Database.open(home), artifacts), artifacts=artifacts)
    skill = troupe.library.get(reference)
    card = troupe.card(skill)
    place = request.video or home.run_folder(skill.lineage.run_id) / "play.mp4"
    seeds = range(request.seed, request.seed + request.num_episodes)
    annotate(skill=skill.reference, env=card.id, episodes=request.num_episodes, first_seed=request.seed)
    problem = ""
    try:
        scores = film_skill(skill, card, troupe, seeds, place=place)
    except (EnvError, MissingExtra) as error:
        problem = str(error)
        scores = score_episodes_of(skill, card, troupe, seeds)
    return PlayOutcome(skill=skill, scores=scores, video=None if problem else place, problem=problem)
