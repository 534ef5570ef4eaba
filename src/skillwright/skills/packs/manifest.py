"""What a pack says about itself."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from skillwright.core.errors import UserError
from skillwright.skills.skill import Skill

__all__ = [
    "CARD",
    "MANIFEST",
    "MAX_SKILLS",
    "POLICY",
    "PROGRAM",
    "REWARD",
    "VIDEO",
    "FileEntry",
    "Manifest",
    "PackRefused",
    "files_of",
    "folder_of",
]

MANIFEST: Final = "manifest.json"
"""The one file at the top of a pack; every other lies in the folder of its skill."""
CARD: Final = "card.json"
POLICY: Final = "policy.safetensors"
PROGRAM: Final = "program.py"
REWARD: Final = "reward.py"
VIDEO: Final = "video.mp4"
MAX_SKILLS: Final = 64
"""Most skills in one pack."""


class PackRefused(UserError):
    """Says why a pack is not taken in, or cannot be written; nothing was stored."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_Record):
    """One file of a pack, apart from the manifest."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    """Bytes."""


class Manifest(_Record):
    """The manifest of a pack."""

    format: Literal["skillwright/pack"] = "skillwright/pack"
    version: Literal[1] = 1
    roots: tuple[str, ...] = Field(min_length=1, max_length=MAX_SKILLS)
    """The skills that were asked for, each as ``name@version``; the others are their dependencies."""
    skills: tuple[Skill, ...] = Field(min_length=1, max_length=MAX_SKILLS)
    """Each after those it depends on. The source of its reward lies in a file of its own, so it is empty here."""
    files: dict[str, FileEntry] = Field(max_length=4 * MAX_SKILLS)
    """Path in the pack -> what lies there."""


def folder_of(skill: Skill) -> str:
    """Gives the folder in which a pack keeps a skill, which is also how other skills of the pack refer to it.

    Args:
        skill: with the version it has in the pack.
    """
    return f"{skill.name}@{skill.version}"


def files_of(skill: Skill) -> tuple[str, ...]:
    """Names the files that a pack has in the folder of a skill.

    Args:
        skill: the skill.
    """
    acts = (POLICY, REWARD) if skill.kind == "policy" else (PROGRAM,)
    return (CARD, *acts) if skill.video is None else (CARD, *acts, VIDEO)
