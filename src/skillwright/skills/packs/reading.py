"""Reads a pack that nobody vouches for: everything is checked in memory, and nothing is stored."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from skillwright.skills.packs.archive import Limits, read_archive
from skillwright.skills.packs.binding import read_calls, resolve
from skillwright.skills.packs.checking import (
    check_program_text,
    check_video,
    checked_card,
    checked_policy,
    checked_program,
    read_record,
)
from skillwright.skills.packs.manifest import (
    CARD,
    MANIFEST,
    POLICY,
    PROGRAM,
    REWARD,
    VIDEO,
    Manifest,
    PackRefused,
    files_of,
    folder_of,
)
from skillwright.skills.skill import Skill

__all__ = ["Limits", "Pack", "check_new_name", "read_pack", "read_pack_file"]

_LONGEST_NAME: Final = 100


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
    _check_worlds(manifest)
    return Pack(manifest=manifest, contents=contents)


def check_new_name(manifest: Manifest, name: str | None) -> None:
    """Checks that a pack's skill can have another name here.

    Args:
        manifest: of the pack.
        name: the new name; none: it keeps its own.

    Raises:
        PackRefused: the pack was made for several skills, or the name is none or that of a skill it depends on.
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
    if name in {skill.name for skill in manifest.skills if folder_of(skill) not in manifest.roots}:
        raise PackRefused(
            f"{name!r} is the name of a skill that {', '.join(manifest.roots)} depends on; choose another"
        )


def _check_files(manifest: Manifest, contents: dict[str, bytes]) -> None:
    """Checks that the pack holds the files of its manifest, of its skills, and no others."""
    needed = {f"{folder_of(skill)}/{name}" for skill in manifest.skills for name in files_of(skill)}
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
        if len(set(skill.dependencies)) < len(skill.dependencies):
            raise PackRefused(f"{folder_of(skill)} depends on one skill twice")
        seen.add(folder_of(skill))
    if missing := [root for root in manifest.roots if root not in seen]:
        raise PackRefused(f"the pack names {missing[0]!r} but does not have it")


def _check_skill(skill: Skill, contents: dict[str, bytes]) -> None:
    folder = folder_of(skill)
    files = {name: contents[f"{folder}/{name}"] for name in files_of(skill)}
    claimed = {CARD: skill.card, POLICY: skill.policy, PROGRAM: skill.policy, VIDEO: skill.video}
    for name, data in files.items():
        if name in claimed and hashlib.sha256(data).hexdigest() != claimed[name]:
            raise PackRefused(f"the pack's file {folder}/{name} is not the one that {folder} names: its hash is wrong")
    if skill.reward_source:
        raise PackRefused(f"{folder} does not have its reward in a file of its own")
    card = checked_card(files[CARD], skill)
    if skill.kind == "policy":
        _check_reward(skill, files[REWARD])
        checked_policy(files[POLICY], card, folder)
    else:
        _check_bonds(skill, checked_program(files[PROGRAM], folder))
    if VIDEO in files:
        check_video(files[VIDEO], folder)


def _check_reward(policy: Skill, data: bytes) -> None:
    folder = folder_of(policy)
    if policy.parts:
        raise PackRefused(f"{folder} is a policy and has parts, as only programs have")
    try:
        check_program_text(data.decode(), "reward", f"the reward of {folder}")
    except UnicodeDecodeError:
        raise PackRefused(f"the reward of {folder} is no text") from None


def _check_bonds(program: Skill, source: str) -> None:
    """Checks that a program runs what it says it depends on, all of it and nothing else."""
    folder, meant = folder_of(program), set()
    if program.reward_weights:
        raise PackRefused(f"{folder} is a program and has weights of a reward, as only policies have")
    for call in read_calls(source):
        target = resolve(call.called, program.dependencies)
        if target is None:
            raise PackRefused(f"{folder} runs {call.called!r}, which is none of the skills it depends on, or several")
        meant.add(target)
    if unused := [one for one in program.dependencies if one not in meant]:
        raise PackRefused(f"{folder} depends on {unused[0]!r} and never runs it")
    if odd := [one for one in program.parts if one not in meant]:
        raise PackRefused(f"{folder} has the part {odd[0]!r}, which it does not run")


def _check_worlds(manifest: Manifest) -> None:
    """Checks that programs run skills of their own world, as no other can act in it."""
    worlds = {folder_of(skill): skill.env_id for skill in manifest.skills}
    for skill in manifest.skills:
        if skill.kind == "program" and (odd := [one for one in skill.dependencies if worlds[one] != skill.env_id]):
            raise PackRefused(f"{folder_of(skill)} runs {odd[0]}, which was made for {worlds[odd[0]]}")
