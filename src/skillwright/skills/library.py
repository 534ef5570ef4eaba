"""The library of skills: versions are only ever added, and the newest verified one is what a name means."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Select, select

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import NotFound, StorageError
from skillwright.core.schema import now, skills
from skillwright.core.serialising import from_json, to_json
from skillwright.skills.skill import Skill

__all__ = ["Library", "slug"]

_LONGEST_SLUG: Final = 48
_REFERENCE: Final = re.compile(r"(?P<name>[^@]+)(@(?P<version>[0-9]{1,9}))?")

_Skills = list[Skill]


class Library:
    """Stores skills and finds them again."""

    def __init__(self, database: Database, artifacts: ArtifactStore) -> None:
        self._database = database
        self._artifacts = artifacts

    def store(self, draft: Skill) -> Skill:
        """Stores a skill as the next version of its name.

        The version is assigned in the transaction that writes it: however many processes store at once, each
        gets a version of its own and none is lost. A run that was cut off after storing and stores the same
        policy again gets the version it has already stored.

        Args:
            draft: the skill; whatever version it carries is replaced.

        Returns:
            The skill with the version it was stored under.

        Raises:
            CorruptArtifact: an artifact that the skill names is missing or damaged; nothing is stored.
            StorageError: the database cannot be written.
        """
        for sha in filter(None, (draft.card, draft.policy, draft.video)):
            self._artifacts.get(sha)
        with self._database.begin() as connection:
            earlier = _read(connection, select(skills).where(skills.c.name == draft.name))
            for skill in earlier:
                if _is_same_work(skill, draft):
                    return skill
            version = 1 + max((skill.version for skill in earlier), default=0)
            stored = draft.model_copy(update={"version": version})
            connection.execute(skills.insert().values(_row(stored)))
        return stored

    def get(self, reference: str) -> Skill:
        """Returns one skill.

        Args:
            reference: ``name`` for its newest verified version, or its newest if none is; ``name@3`` for one
                version.

        Raises:
            NotFound: there is no such skill or version.
        """
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise NotFound("skill", reference, hint="write it as NAME or NAME@VERSION")
        versions = self.versions(match["name"])
        if match["version"] is None:
            return _preferred(versions)
        wanted = int(match["version"])
        for skill in versions:
            if skill.version == wanted:
                return skill
        hint = f"its newest version is {versions[0].version}"
        raise NotFound("skill", reference, (f"{skill.name}@{skill.version}" for skill in versions), hint)

    def versions(self, name: str) -> _Skills:
        """Returns all versions of a skill, newest first.

        Args:
            name: name of the skill.

        Raises:
            NotFound: there is no such skill.
        """
        with self._database.connect() as connection:
            query = select(skills).where(skills.c.name == name).order_by(skills.c.version.desc())
            found = _read(connection, query)
            if not found:
                raise NotFound("skill", name, connection.execute(select(skills.c.name).distinct()).scalars())
            return found

    def find_for(self, env_id: str, task: str, text: str) -> Skill | None:
        """Finds a skill that was made for the same task with the same words.

        Args:
            env_id: id of the world.
            task: name of the card's task.
            text: the sentence a person typed; case and spaces do not count.

        Returns:
            The newest verified skill; none if there is none.
        """
        query = select(skills).where(skills.c.env_id == env_id, skills.c.task == task, skills.c.status == "verified")
        with self._database.connect() as connection:
            newest_first = query.order_by(skills.c.created_at.desc(), skills.c.version.desc())
            for skill in _read(connection, newest_first):
                if _plain(skill.lineage.task_text) == _plain(text):
                    return skill
        return None

    def list(self, *, all_versions: bool = False) -> _Skills:
        """Returns the skills, sorted by name.

        Args:
            all_versions: every version, newest first, rather than what each name means.
        """
        with self._database.connect() as connection:
            found = _read(connection, select(skills).order_by(skills.c.name, skills.c.version.desc()))
        if all_versions:
            return found
        by_name: dict[str, _Skills] = {}
        for skill in found:
            by_name.setdefault(skill.name, []).append(skill)
        return [_preferred(versions) for versions in by_name.values()]


def slug(text: str) -> str:
    """Makes a skill name from a sentence.

    Args:
        text: a sentence in any language.

    Returns:
        Lower-case ASCII words joined by hyphens, at most 48 characters; ``skill-`` and a hash of the sentence
        if it has no Latin letters.
    """
    ascii_text = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", re.sub(r"'", "", ascii_text))
    if not any(character.isalpha() for word in words for character in word):
        return f"skill-{hashlib.sha256(_plain(text).encode()).hexdigest()[:8]}"
    name = "-".join(words)
    if len(name) <= _LONGEST_SLUG:
        return name
    whole_words = name[: _LONGEST_SLUG + 1].rpartition("-")[0]
    return whole_words or name[:_LONGEST_SLUG]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _preferred(versions: Iterable[Skill]) -> Skill:
    newest_first = sorted(versions, key=lambda skill: -skill.version)
    return next((skill for skill in newest_first if skill.status == "verified"), newest_first[0])


def _is_same_work(one: Skill, other: Skill) -> bool:
    """Tells whether two skills are one run's same result, stored twice."""
    return (one.lineage.run_id, one.policy, one.env_id, one.task, one.status) == (
        other.lineage.run_id,
        other.policy,
        other.env_id,
        other.task,
        other.status,
    )


def _row(skill: Skill) -> dict[str, str | int]:
    return {
        "name": skill.name,
        "version": skill.version,
        "status": skill.status,
        "kind": skill.kind,
        "env_id": skill.env_id,
        "task": skill.task,
        "description": skill.description,
        "run_id": skill.lineage.run_id,
        "manifest": to_json(skill),
        "created_at": now(),
    }


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> _Skills:
    return [_parsed(row) for row in connection.execute(query)]


def _parsed(row: Row[tuple[object, ...]]) -> Skill:
    try:
        return from_json(Skill, row.manifest)
    except ValidationError as error:
        reason = "it was written by another version of Skillwright, or it is damaged"
        raise StorageError(f"the skill {row.name}@{row.version} cannot be read: {reason}") from error
