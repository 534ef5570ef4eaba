"""Plays and films a skill, policy or program; a program is filmed by doing the same actions once more."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path

from skillwright.agents.acting.episode import Episode
from skillwright.agents.acting.performer import Performer, SkillGaveUp, Troupe
from skillwright.agents.filming import film
from skillwright.core import EnvError
from skillwright.envs import Backend, EnvCard, TransitionBlock
from skillwright.envs.rendering import Act, Frame, encode_mp4, frames_per_second, record_episode
from skillwright.learners.evaluation import play_episodes
from skillwright.skills import Skill

__all__ = ["film_skill", "play_episodes_of"]


def play_episodes_of(skill: Skill, card: EnvCard, troupe: Troupe, seeds: Sequence[int]) -> list[TransitionBlock]:
    """Plays one episode per seed.

    Args:
        skill: a policy or a program.
        card: the world.
        troupe: has the skill, and those that it calls.
        seeds: of the worlds.

    Returns:
        The episodes; one that a failure of the program ended is as long as it came.

    Raises:
        EnvError: the program did nothing in an episode.
    """
    if skill.kind == "policy":
        return play_episodes(card, [troupe.policy(skill)], seeds)[0]
    return _play_all(skill, card, troupe, seeds, "auto")


def film_skill(
    skill: Skill, card: EnvCard, troupe: Troupe, seeds: Sequence[int], *, place: Path
) -> list[TransitionBlock]:
    """Plays one episode per seed where they can be drawn, and writes them as one video.

    A program holds the thread while it acts, and so does whoever draws; so its actions are kept and done again, in the
    same world from the same seed.

    Args:
        skill: a policy or a program.
        card: the world.
        troupe: has the skill, and those that it calls.
        seeds: one per episode.
        place: where the mp4 goes.

    Returns:
        The episodes.

    Raises:
        EnvError: the world cannot be drawn, or the program did nothing in an episode.
        MissingExtra: what drawing or encoding needs is not installed.
        StorageError: the video cannot be written.
    """
    if skill.kind == "policy":
        return film(card, troupe.policy(skill), seeds, place)
    episodes = _play_all(skill, card, troupe, seeds, "auto" if card.gymnasium_id is None else "gymnasium")

    def draw() -> Iterator[Frame]:
        for seed, episode in zip(seeds, episodes, strict=True):
            yield from record_episode(card, _again(episode), seed=seed).frames

    encode_mp4(draw(), frames_per_second=frames_per_second(card), path=place)
    return episodes


def _again(episode: TransitionBlock) -> Act:
    """Does the actions of an episode once more, and the last one from then on."""
    actions = chain(episode.action, repeat(episode.action[-1]))
    return lambda _: next(actions)


def _play_all(
    skill: Skill, card: EnvCard, troupe: Troupe, seeds: Sequence[int], backend: Backend
) -> list[TransitionBlock]:
    return [_play(skill, troupe, Episode(card, seed, step_limit=skill.step_limit, backend=backend)) for seed in seeds]


def _play(skill: Skill, troupe: Troupe, begun: Episode) -> TransitionBlock:
    with begun as episode:
        performer = Performer(troupe, episode)
        try:
            performer.run_program(troupe.source(skill), {}, pinned=skill.dependencies)
        except SkillGaveUp as failure:
            if not episode.num_steps:
                raise EnvError(f"{skill.reference} did nothing: {failure}") from failure
        if not episode.num_steps:
            raise EnvError(f"{skill.reference} did nothing: it ran no skill")
        return episode.since(0)
