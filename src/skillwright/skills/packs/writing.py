"""Writes skills, with those they depend on, as one pack; the same skills give the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.errors import ProgramRejected
from skillwright.core.serialising import to_json
from skillwright.skills.library import Library
from skillwright.skills.packs.binding import as_played, bind, read_calls
from skillwright.skills.packs.checking import checked_program
from skillwright.skills.packs.manifest import (
    CARD,
    MANIFEST,
    MAX_SKILLS,
    POLICY,
    PROGRAM,
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
        PackRefused: there are too many skills, they depend on each other in a circle, or a program is outside the
            allowed language.
    """
    collecting = _Collecting(library=library, artifacts=artifacts)
    roots = [folder_of(collecting.collect(reference, ())) for reference in references]
    contents: dict[str, bytes] = {}
    for member in collecting.found.values():
        contents |= {f"{folder_of(member.skill)}/{name}": data for name, data in _files(member, artifacts)}
    manifest = Manifest(
        roots=tuple(dict.fromkeys(roots)),
        skills=tuple(member.skill.model_copy(update={"reward_source": ""}) for member in collecting.found.values()),
        files={
            path: FileEntry(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
            for path, data in sorted(contents.items())
        },
    )
    return _zipped({MANIFEST: to_json(manifest).encode(), **dict(sorted(contents.items()))})


class _Member(NamedTuple):
    """A skill as it will stand in the pack."""

    skill: Skill
    acts: bytes
    """The policy, or the text of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collecting:
    """Finds skills and all they depend on, each once and after those it depends on."""

    library: Library
    artifacts: ArtifactStore
    found: dict[str, _Member] = field(default_factory=dict)
    """By its folder in the pack."""

    def collect(self, reference: str, above: tuple[str, ...]) -> Skill:
        skill = self.library.get(reference)
        own = folder_of(skill)
        if own in above:
            raise PackRefused(f"{own} depends on itself: {' -> '.join((*above, own))}")
        if own not in self.found:
            member = self._policy if skill.kind == "policy" else self._program
            self.found[own] = member(skill, (*above, own))
        if len(self.found) + len(above) > MAX_SKILLS:
            raise PackRefused(f"a pack holds at most {MAX_SKILLS} skills, and these are more, with their dependencies")
        return self.found[own].skill

    def _policy(self, skill: Skill, above: tuple[str, ...]) -> _Member:
        needed = tuple(folder_of(self.collect(one, above)) for one in skill.dependencies)
        return _Member(skill.model_copy(update={"dependencies": needed}), self.artifacts.get(skill.policy))

    def _program(self, skill: Skill, above: tuple[str, ...]) -> _Member:
        """Collects what a program runs; its text calls that by the names of the pack, even if some were renamed."""
        source = checked_program(self.artifacts.get(skill.policy), folder_of(skill))
        targets = {
            call.called: folder_of(self.collect(as_played(call.called, skill.dependencies), above))
            for call in read_calls(source)
        }
        try:
            bound = bind(source, targets)
        except ProgramRejected as error:
            raise PackRefused(f"the program of {folder_of(skill)}, with the names of today: {error}") from None
        data = bound.source.encode()
        changes: dict[str, object] = {
            "policy": hashlib.sha256(data).hexdigest(),
            "dependencies": bound.dependencies,
            "parts": tuple(folder_of(self.library.get(one)) for one in skill.parts),
            "reward_source": "",
            "reward_weights": {},
        }
        return _Member(skill.model_copy(update=changes), data)


def _files(member: _Member, artifacts: ArtifactStore) -> Iterator[tuple[str, bytes]]:
    skill = member.skill
    yield CARD, artifacts.get(skill.card)
    if skill.kind == "policy":
        yield POLICY, member.acts
        yield REWARD, skill.reward_source.encode()
    else:
        yield PROGRAM, member.acts
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
