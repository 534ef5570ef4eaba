"""Writes skills, with those they depend on, as one pack; the same skills give the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.serialising import to_json
from skillwright.skills.library import Library
from skillwright.skills.packs.manifest import (
    CARD,
    MANIFEST,
    MAX_SKILLS,
    POLICY,
    REWARD,
    VIDEO,
    FileEntry,
    Manifest,
    PackRefused,
    folder_of,
)
from skillwright.skills.skill import Skill

__all__ = ["write_pack"]

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE: Final = 0o100644 << 16
_UNIX: Final = 3


def write_pack(library: Library, artifacts: ArtifactStore, references: Sequence[str]) -> bytes:
    """Writes a pack.

    Args:
        library: where the skills are.
        artifacts: where their files are.
        references: ``name`` or ``name@version`` of each.

    Returns:
        The pack's bytes.

    Raises:
        NotFound: there is no such skill, or one it depends on is gone.
        CorruptArtifact: a file of a skill is missing or damaged.
        PackRefused: there are too many skills, or one is of a kind that packs do not hold yet.
    """
    found: dict[str, Skill] = {}
    roots = [folder_of(_collect(library, reference, found, ())) for reference in references]
    if len(found) > MAX_SKILLS:
        raise PackRefused(f"a pack holds at most {MAX_SKILLS} skills, and these are {len(found)} with dependencies")
    contents: dict[str, bytes] = {}
    for skill in found.values():
        contents |= {f"{folder_of(skill)}/{name}": data for name, data in _files(skill, artifacts)}
    manifest = Manifest(
        roots=tuple(dict.fromkeys(roots)),
        skills=tuple(skill.model_copy(update={"reward_source": ""}) for skill in found.values()),
        files={
            path: FileEntry(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
            for path, data in sorted(contents.items())
        },
    )
    return _zipped({MANIFEST: to_json(manifest).encode(), **dict(sorted(contents.items()))})


def _collect(library: Library, reference: str, found: dict[str, Skill], above: tuple[str, ...]) -> Skill:
    """Finds a skill and all it depends on; those come first."""
    skill = library.get(reference)
    own = folder_of(skill)
    if own in above:
        raise PackRefused(f"{own} depends on itself: {' -> '.join((*above, own))}")
    if skill.kind != "policy":
        raise PackRefused(f"{own} is a program; packs hold policies only, for now")
    if own not in found:
        needed = tuple(folder_of(_collect(library, one, found, (*above, own))) for one in skill.dependencies)
        found[own] = skill.model_copy(update={"dependencies": needed}) if needed else skill
    return found[own]


def _files(skill: Skill, artifacts: ArtifactStore) -> Iterator[tuple[str, bytes]]:
    yield CARD, artifacts.get(skill.card)
    yield POLICY, artifacts.get(skill.policy)
    yield REWARD, skill.reward_source.encode()
    if skill.video is not None:
        yield VIDEO, artifacts.get(skill.video)


def _zipped(contents: dict[str, bytes]) -> bytes:
    """Writes a zip file in which nothing depends on the clock, the machine or the person; videos are stored as is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in contents.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            entry.compress_type = zipfile.ZIP_STORED if path.endswith(VIDEO) else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=9)
    return buffer.getvalue()
