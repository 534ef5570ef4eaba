"""Plays, judges and films a skill, policy or program; a program is filmed by doing the same actions once more."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from skillwright.agents.acting.deeds import Deed, score_by_parts
from skillwright.agents.acting.episode import Episode
from skillwright.agents.acting.performer import Performer, SkillGaveUp, Troupe
from skillwright.agents.filming import film
from skillwright.core import EnvError
from skillwright.core.tracing import annotate, traced
from skillwright.envs import Backend, EnvCard, TransitionBlock
from skillwright.envs.rendering import Act, Frame, encode_mp4, frames_per_second, record_episode
from skillwright.learners import EpisodeScore
from skillwright.learners.evaluation import play_episodes
from skillwright.skills import Skill

__all__ = ["film_skill", "score_episodes_of"]


class _Lived(NamedTuple):
    """One episode of a program."""

    episode: TransitionBlock
    deeds: Sequence[Deed]


@traced("act")
def score_episodes_of(skill: Skill, card: EnvCard, troupe: Troupe, seeds: Sequence[int]) -> list[EpisodeScore]:
    """Plays one episode per seed and judges it, by the skill's task or by its parts.

    Args:
        skill: a policy or a program.
        card: the world.
        troupe: has the skill, and those that it calls.
        seeds: of the worlds.

    Returns:
        One score per episode; one that a failure of the program ended is as long as it came.

    Raises:
        EnvError: the program did nothing in an episode.
    """
    annotate(skill=skill.reference, kind=skill.kind, episodes=len(seeds))
    if skill.kind == "policy":
        return troupe.judge(skill).score(play_episodes(card, [troupe.policy(skill)], seeds)[0])
    return _score(skill, troupe, _play_all(skill, card, troupe, seeds, "auto"))


@traced("act")
def film_skill(skill: Skill, card: EnvCard, troupe: Troupe, seeds: Sequence[int], *, place: Path) -> list[EpisodeScore]:
    """Plays and judges one episode per seed where they can be drawn, and writes them as one video.

    A program holds the thread while it acts, and so does whoever draws; so its actions are kept and done again, in the
    same world from the same seed.

    Args:
        skill: a policy or a program.
        card: the world.
        troupe: has the skill, and those that it calls.
        seeds: one per episode.
        place: where the mp4 goes.

    Returns:
        One score per episode.

    Raises:
        EnvError: the world cannot be drawn, or the program did nothing in an episode.
        MissingExtra: what drawing or encoding needs is not installed.
        StorageError: the video cannot be written.
    """
    annotate(skill=skill.reference, kind=skill.kind, episodes=len(seeds), filmed=True)
    if skill.kind == "policy":
        return troupe.judge(skill).score(film(card, troupe.policy(skill), seeds, place))
    lived = _play_all(skill, card, troupe, seeds, "auto" if card.gymnasium_id is None else "gymnasium")
    world = card.model_copy(update={"horizon": max(card.horizon, skill.step_limit)})

    def draw() -> Iterator[Frame]:
        for seed, one in zip(seeds, lived, strict=True):
            yield from record_episode(world, _again(one.episode), seed=seed).frames

    encode_mp4(draw(), frames_per_second=frames_per_second(card), path=place)
    return _score(skill, troupe, lived)


def _score(skill: Skill, troupe: Troupe, lived: Sequence[_Lived]) -> list[EpisodeScore]:
    if skill.parts:
        return [score_by_parts(one.episode, one.deeds, skill.parts) for one in lived]
    return troupe.judge(skill).score([one.episode for one in lived])


def _again(episode: TransitionBlock) -> Act:
    """Does the actions of an episode once more, and the last one from then on."""
    actions = chain(episode.action, repeat(episode.action[-1]))
    return lambda _: next(actions)


def _play_all(skill: Skill, card: EnvCard, troupe: Troupe, seeds: Sequence[int], backend: Backend) -> list[_Lived]:
    return [_play(skill, troupe, Episode(card, seed, step_limit=skill.step_limit, backend=backend)) for seed in seeds]


def _play(skill: Skill, troupe: Troupe, begun: Episode) -> _Lived:
    with begun as episode:
        performer = Performer(troupe, episode)
        try:
            performer.run_program(troupe.source(skill), {}, pinned=skill.dependencies)
        except SkillGaveUp as failure:
            if not episode.num_steps:
                raise EnvError(f"{skill.reference} did nothing: {failure}") from failure
        if not episode.num_steps:
            raise EnvError(f"{skill.reference} did nothing: it ran no skill")
        return _Lived(episode.since(0), performer.deeds)
