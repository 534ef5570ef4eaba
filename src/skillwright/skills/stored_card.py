"""The card that lies beside a skill: its env signature and its success test."""

from pydantic import ValidationError

from skillwright.core import ArtifactStore, CorruptArtifact
from skillwright.envs import EnvCard
from skillwright.skills.skill import Skill

__all__ = ["read_card"]


def read_card(skill: Skill, artifacts: ArtifactStore) -> EnvCard:
    """Reads the card a skill was stored with.

    Args:
        skill: the skill.
        artifacts: has its files.

    Raises:
        CorruptArtifact: the file is missing or damaged, or is no card.
    """
    try:
        return EnvCard.model_validate_json(artifacts.get(skill.card))
    except ValidationError as error:
        raise CorruptArtifact(f"the stored env card cannot be read: {error}") from error
