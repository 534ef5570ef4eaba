"""The skills of the library that can serve a plan in a world."""

from collections.abc import Mapping, Sequence

from skillwright.agents.planners.card_tasks import fingerprint
from skillwright.agents.planners.words import stems
from skillwright.envs import EnvCard
from skillwright.skills.library import Library
from skillwright.skills.skill import Skill

__all__ = ["retrieve_skills", "usable_skills"]


def usable_skills(library: Library, card: EnvCard, *, also_composed: bool = False) -> dict[str, Skill]:
    """Lists the skills that were made in a world, with this very version of its card, and can be relied on.

    Those are verified, or are parts of a verified skill: what just missed its own test has shown there that it serves.

    Args:
        library: the library.
        card: the world.
        also_composed: whether to list skills that are judged by their parts, not by a task of the card, too.

    Returns:
        ``name@version`` -> the skill, newest first; of each name the version that it means.
    """
    signature = fingerprint(card)
    of_world = [skill for skill in library.list() if skill.env_id == card.id and skill.card == signature]
    proven = {part for skill in of_world if skill.status == "verified" for part in skill.parts}
    fitting = [
        skill
        for skill in of_world
        if (skill.status == "verified" or (skill.status == "failed" and skill.reference in proven))
        and (also_composed or not skill.parts)
    ]
    return {skill.reference: skill for skill in sorted(fitting, key=lambda one: one.created_at, reverse=True)}


def retrieve_skills(skills: Mapping[str, Skill], text: str, *, limit: int) -> Sequence[Skill]:
    """Picks the skills that have most words in common with a sentence.

    Args:
        skills: what can serve, newest first; of two that are equally near, the newer comes first.
        text: the sentence.
        limit: most skills to return.

    Returns:
        The nearest first; also such as have no word in common, if there is room.
    """
    wanted = stems(text)

    def nearness(skill: Skill) -> int:
        return len(wanted & stems(f"{skill.name} {skill.task} {skill.description} {skill.lineage.task_text}"))

    return sorted(skills.values(), key=nearness, reverse=True)[:limit]
