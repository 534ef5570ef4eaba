"""Takes in a pack: everything is read and checked in memory, and only a pack without fault is stored."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skillwright.core.artifacts import ArtifactStore
from skillwright.skills.library import Library
from skillwright.skills.packs.archive import Limits, read_archive
from skillwright.skills.packs.checking import (
    check_program_text,
    check_video,
    checked_card,
    checked_policy,
    read_record,
)
from skillwright.skills.packs.manifest import (
    CARD,
    MANIFEST,
    POLICY,
    REWARD,
    VIDEO,
    Manifest,
    PackRefused,
    folder_of,
)
from skillwright.skills.skill import Skill

__all__ = ["Limits", "Pack", "check_new_name", "read_pack", "read_pack_file", "store_pack"]

_LONGEST_NAME: Final = 100
_RUN_PREFIX: Final = "import-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack that has passed every check."""

    manifest: Manifest
    contents: dict[str, bytes]
    """Path -> content, the manifest among them."""


def read_pack_file(place: Path, limits: Limits | None = None) -> Pack:
    """Reads and checks a pack; see ``read_pack``.

    Args:
        place: the file.
        limits: of its size.

    Raises:
        PackRefused: the file cannot be read, or the pack has a fault.
    """
    limits = limits or Limits()
    try:
        with place.open("rb") as file:
            data = file.read(limits.max_bytes + 1)
    except OSError as error:
        raise PackRefused(f"cannot read the pack {place}: {error.strerror or error}") from None
    return read_pack(data, limits)


def read_pack(data: bytes, limits: Limits | None = None) -> Pack:
    """Reads and checks a pack.

    Args:
        data: the pack's bytes.
        limits: of its size.

    Returns:
        The pack; nothing is stored yet.

    Raises:
        PackRefused: the pack has a fault, which the message names.
    """
    contents = read_archive(data, limits or Limits())
    if MANIFEST not in contents:
        raise PackRefused(f"the pack has no {MANIFEST}")
    manifest = read_record(Manifest, contents[MANIFEST], "the manifest", finite=True)
    _check_files(manifest, contents)
    _check_names(manifest)
    for skill in manifest.skills:
        _check_skill(skill, contents)
    return Pack(manifest=manifest, contents=contents)


def store_pack(pack: Pack, library: Library, artifacts: ArtifactStore, *, name: str | None = None) -> list[Skill]:
    """Stores the skills of a pack as drafts, whatever their origin says of them.

    Each gets the next version of its name here. What the origin claims stays in the draft's evidence; its run is
    called ``import-`` and the SHA-256 under which the whole manifest is kept as an artifact.

    Args:
        pack: without fault.
        library: where the skills go.
        artifacts: where their files go.
        name: of the skill that was packed, if it shall have another one here.

    Returns:
        The stored skills, each after those it depends on.

    Raises:
        PackRefused: a new name was given for several skills, or it is none.
        StorageError: the home folder cannot be written.
    """
    manifest, contents = pack.manifest, pack.contents
    check_new_name(manifest, name)
    origin = f"{_RUN_PREFIX}{artifacts.put(contents[MANIFEST])}"
    references: dict[str, str] = {}
    stored: list[Skill] = []
    for skill in manifest.skills:
        folder = folder_of(skill)
        for path in (path for path in manifest.files if path.startswith(f"{folder}/") and not path.endswith(REWARD)):
            artifacts.put(contents[path])
        changes: dict[str, object] = {
            "status": "draft",
            "name": name if name is not None and folder in manifest.roots else skill.name,
            "reward_source": contents[f"{folder}/{REWARD}"].decode(),
            "lineage": skill.lineage.model_copy(update={"run_id": origin}),
            "dependencies": tuple(references[one] for one in skill.dependencies),
        }
        stored.append(library.store(skill.model_copy(update=changes)))
        references[folder] = folder_of(stored[-1])
    return stored


def check_new_name(manifest: Manifest, name: str | None) -> None:
    """Checks that a pack's skill can have another name here.

    Args:
        manifest: of the pack.
        name: the new name; none: it keeps its own.

    Raises:
        PackRefused: the pack was made for several skills, or the name is none.
    """
    if name is None:
        return
    if len(manifest.roots) > 1:
        raise PackRefused(
            f"--as names one skill, and the pack holds {len(manifest.roots)}: {', '.join(manifest.roots)}"
        )
    words = name.split("-")
    if len(name) > _LONGEST_NAME or not all(w and w.isascii() and w.isalnum() and w == w.lower() for w in words):
        raise PackRefused(f"{name!r} is no name of a skill: use lower-case words and digits joined by hyphens")


def _check_files(manifest: Manifest, contents: dict[str, bytes]) -> None:
    """Checks that the pack holds the files of its manifest, of its skills, and no others."""
    needed = {f"{folder_of(skill)}/{name}" for skill in manifest.skills for name in (CARD, POLICY, REWARD)}
    needed |= {f"{folder_of(skill)}/{VIDEO}" for skill in manifest.skills if skill.video is not None}
    for names, where in ((set(contents) - {MANIFEST}, "the pack"), (set(manifest.files), "the manifest")):
        if odd := sorted(names ^ needed):
            raise PackRefused(f"{where} {'has too much' if odd[0] in names else 'lacks a file'}: {odd[0]!r}")
    for path, entry in manifest.files.items():
        data = contents[path]
        if len(data) != entry.size or hashlib.sha256(data).hexdigest() != entry.sha256:
            raise PackRefused(f"the pack's file {path!r} is not what the manifest says: its hash or size is wrong")


def _check_names(manifest: Manifest) -> None:
    """Checks that every skill stands after those it depends on, which rules out circles, and none stands twice."""
    seen: set[str] = set()
    for skill in manifest.skills:
        if len(skill.name) > _LONGEST_NAME:
            raise PackRefused("the pack has a skill whose name is too long")
        if folder_of(skill) in seen:
            raise PackRefused(f"the pack has {folder_of(skill)} twice")
        if missing := [one for one in skill.dependencies if one not in seen]:
            raise PackRefused(f"{folder_of(skill)} depends on {missing[0]!r}, which the pack does not have before it")
        seen.add(folder_of(skill))
    if missing := [root for root in manifest.roots if root not in seen]:
        raise PackRefused(f"the pack names {missing[0]!r} but does not have it")


def _check_skill(skill: Skill, contents: dict[str, bytes]) -> None:
    folder = folder_of(skill)
    files = {name: contents.get(f"{folder}/{name}") for name in (CARD, POLICY, VIDEO)}
    claimed = {CARD: skill.card, POLICY: skill.policy, VIDEO: skill.video}
    for name, data in files.items():
        if data is not None and hashlib.sha256(data).hexdigest() != claimed[name]:
            raise PackRefused(f"the pack's file {folder}/{name} is not the one that {folder} names: its hash is wrong")
    if skill.kind != "policy" or skill.reward_source:
        raise PackRefused(f"{folder} is not a policy with its reward in a file of its own")
    try:
        source = contents[f"{folder}/{REWARD}"].decode()
    except UnicodeDecodeError:
        raise PackRefused(f"the reward of {folder} is no text") from None
    check_program_text(source, "reward", f"the reward of {folder}")
    card = checked_card(contents[f"{folder}/{CARD}"], skill)
    checked_policy(contents[f"{folder}/{POLICY}"], card, folder)
    if (video := files[VIDEO]) is not None:
        check_video(video, folder)
