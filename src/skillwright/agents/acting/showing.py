"""Plays a skill program, and films what it did by doing the same actions once more."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from skillwright.agents.acting.episode import Episode
from skillwright.agents.acting.performer import Performer, SkillGaveUp, Troupe
from skillwright.core import EnvError
from skillwright.envs import Backend, EnvCard, TransitionBlock
from skillwright.envs.rendering import Frame, encode_mp4, frames_per_second, record_episode
from skillwright.skills import Skill

__all__ = ["film_program", "play_program"]


def play_program(
    troupe: Troupe, skill: Skill, card: EnvCard, seeds: Sequence[int], *, backend: Backend = "auto"
) -> list[TransitionBlock]:
    """Plays one episode per seed.

    Args:
        troupe: has the program and the skills it calls.
        skill: the program.
        card: the world.
        seeds: of the worlds.
        backend: that steps them.

    Returns:
        The episodes; one that a failure of the program ended is as long as it came.

    Raises:
        EnvError: the program did nothing in an episode.
    """
    return [_play(troupe, skill, Episode(card, seed, step_limit=skill.step_limit, backend=backend)) for seed in seeds]


def film_program(
    troupe: Troupe, skill: Skill, card: EnvCard, seeds: Sequence[int], place: Path
) -> list[TransitionBlock]:
    """Plays episodes where they can be drawn, and writes them as one video.

    A program holds the thread while it acts, and so does whoever draws; so the actions are kept and done again, in the
    same world from the same seed.

    Args:
        troupe: has the program and the skills it calls.
        skill: the program.
        card: the world.
        seeds: one per episode.
        place: where the mp4 goes.

    Returns:
        The episodes.

    Raises:
        EnvError: the world cannot be drawn, or the program did nothing in an episode.
        MissingExtra: what drawing or encoding needs is not installed.
        StorageError: the video cannot be written.
    """
    backend: Backend = "auto" if card.gymnasium_id is None else "gymnasium"
    episodes = play_program(troupe, skill, card, seeds, backend=backend)

    def draw() -> Iterator[Frame]:
        for seed, episode in zip(seeds, episodes, strict=True):
            again = iter(episode.action)
            still = episode.action[-1]
            yield from record_episode(card, lambda _: next(again, still), seed=seed).frames  # noqa: B023 # used at once

    encode_mp4(draw(), frames_per_second=frames_per_second(card), path=place)
    return episodes


def _play(troupe: Troupe, skill: Skill, begun: Episode) -> TransitionBlock:
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
