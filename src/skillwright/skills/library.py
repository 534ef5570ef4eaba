"""The library of skills: versions are only ever added, and the newest verified one is what a name means."""

import hashlib
import re
import unicodedata
from typing import Final

from sqlalchemy import Connection, select

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import ConfigError, NotFound
from skillwright.core.schema import now, skill_dependencies, skills
from skillwright.core.serialising import from_json, to_json
from skillwright.skills import changing
from skillwright.skills.changing import Change
from skillwright.skills.meanings import Progress, TextEmbedder, embed_missing, num_missing
from skillwright.skills.reading import current_name, parse_reference, read_skills, versions_of
from skillwright.skills.searching import Hit, Index, Query
from skillwright.skills.skill import Skill, SkillStatus

__all__ = ["Library", "slug"]

_LONGEST_SLUG: Final = 48

_Skills = list[Skill]


class Library:
    """Stores skills and finds them again."""

    def __init__(self, database: Database, artifacts: ArtifactStore) -> None:
        self._database = database
        self._artifacts = artifacts
        self._index = Index(database)

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
            name = current_name(connection, draft.name)
            draft = draft.model_copy(update={"name": name})
            rows = connection.execute(select(skills.c.version, skills.c.manifest).where(skills.c.name == name)).all()
            for version, manifest in rows:
                if _is_same_work(from_json(Skill, manifest), draft):
                    return _one(connection, name, version)
            stored = draft.model_copy(update={"version": 1 + max((row.version for row in rows), default=0)})
            needed = [_needed(connection, stored, reference) for reference in stored.dependencies]
            connection.execute(skills.insert().values(_row(stored)))
            if needed:
                connection.execute(skill_dependencies.insert(), needed)
            changing.record(connection, stored, "stored", stored.lineage.run_id)
            changing.choose_current(connection, name)
        return stored

    def get(self, reference: str) -> Skill:
        """Returns one skill.

        Args:
            reference: ``name`` for its current version: the one it was rolled back to, else its newest verified
                one, else its newest; ``name@3`` for one version. A name from before a renaming will do.

        Raises:
            NotFound: there is no such skill or version.
        """
        with self._database.connect() as connection:
            return _get(connection, reference)

    def source(self, skill: Skill) -> str:
        """Reads the text of a skill that is a program.

        Args:
            skill: the skill.

        Raises:
            CorruptArtifact: the file is missing or damaged.
        """
        return self._artifacts.get(skill.policy).decode()

    def versions(self, name: str) -> _Skills:
        """Returns all versions of a skill, newest first.

        Args:
            name: name of the skill.

        Raises:
            NotFound: there is no such skill.
        """
        with self._database.connect() as connection:
            return versions_of(connection, name)

    def mark(self, reference: str, status: SkillStatus, reason: str) -> Skill:
        """Changes the status of a version; its manifest stays as it is.

        Args:
            reference: the skill.
            status: its new status.
            reason: for the history.

        Returns:
            The skill with the new status.

        Raises:
            NotFound: there is no such skill or version.
        """
        with self._database.begin() as connection:
            skill = _get(connection, reference)
            return changing.mark(connection, skill, status, reason)

    def retire(self, reference: str, reason: str, *, force: bool = False) -> Skill:
        """Takes a version out of use.

        Args:
            reference: the skill.
            reason: for the history.
            force: also if verified skills depend on it.

        Raises:
            NotFound: there is no such skill or version.
            ConfigError: a verified skill depends on it.
        """
        with self._database.begin() as connection:
            skill = _get(connection, reference)
            users = [one.reference for one in changing.dependents(connection, skill) if one.status == "verified"]
            if users and not force:
                raise ConfigError(
                    f"{skill.reference} is needed by {', '.join(users)}; retire those first, or say --force"
                )
            return changing.mark(connection, skill, "retired", reason)

    def roll_back(self, reference: str, reason: str = "") -> Skill:
        """Makes a version what its name means, until a version is verified after that or another is rolled back to.

        Args:
            reference: ``name@version``.
            reason: for the history.

        Raises:
            NotFound: there is no such version.
            ConfigError: no version was named, or it has failed or is retired.
        """
        if parse_reference(reference).version is None:
            raise ConfigError(f"{reference!r} names no version; write NAME@VERSION")
        with self._database.begin() as connection:
            skill = _get(connection, reference)
            if skill.status in ("failed", "retired"):
                raise ConfigError(f"{skill.reference} is {skill.status}: a name cannot mean it")
            changing.record(connection, skill, "rolled back", reason)
            changing.choose_current(connection, skill.name)
        return skill

    def rename(self, old: str, new: str) -> Skill:
        """Gives a skill another name; its versions stay, and the old name goes on meaning it.

        Args:
            old: its name.
            new: the name it shall have.

        Returns:
            What the new name means.

        Raises:
            NotFound: there is no such skill.
            ConfigError: the new name is taken, or cannot be a name.
        """
        with self._database.begin() as connection:
            changing.rename(connection, versions_of(connection, old)[0], new)
            return _get(connection, new)

    def history(self, name: str) -> list[Change]:
        """Lists what was done to a skill, under all its names, oldest first.

        Args:
            name: its name, or one it had.

        Raises:
            NotFound: there is no such skill.
        """
        with self._database.connect() as connection:
            return changing.history(connection, versions_of(connection, name)[0].name)

    def dependents(self, reference: str) -> _Skills:
        """Lists the versions that call a skill.

        Args:
            reference: the skill.

        Raises:
            NotFound: there is no such skill or version.
        """
        with self._database.connect() as connection:
            return changing.dependents(connection, _get(connection, reference))

    def search(self, query: Query) -> list[Hit]:
        """Finds skills by words, and by meaning where the query brings an embedder.

        Args:
            query: what to look for.

        Returns:
            What the names found mean now, best first.

        Raises:
            ConfigError: the query asks for nothing that can be found.
            ModelUnavailable: the embedder does not answer.
        """
        return self._index.search(query)

    def worlds(self) -> tuple[str, ...]:
        """Lists the ids of the worlds that skills are for, sorted."""
        with self._database.connect() as connection:
            return tuple(connection.execute(select(skills.c.env_id).distinct().order_by(skills.c.env_id)).scalars())

    def num_without_meaning(self, embedder: TextEmbedder) -> int:
        """Counts the skills that an embedder has not seen yet.

        Args:
            embedder: one that knows of meaning.
        """
        return num_missing(self._database, embedder.spec)

    def embed(self, embedder: TextEmbedder, heard: Progress | None = None) -> int:
        """Embeds the skills that an embedder has not seen yet, in batches; what is done stays done if one fails.

        A search does the same without a word, so call this before it where there may be many.

        Args:
            embedder: one that knows of meaning.
            heard: hears after each batch how many are done, and how many there are to do.

        Returns:
            How many skills were embedded.

        Raises:
            ModelUnavailable: the embedder does not answer.
        """
        return embed_missing(self._database, embedder, heard)

    def find_for(self, env_id: str, task: str | None, text: str) -> Skill | None:
        """Finds a skill that was made for the same task with the same words.

        Args:
            env_id: id of the world.
            task: name of the card's task; none: whatever its task is.
            text: the sentence a person typed; case and spaces do not count.

        Returns:
            The newest verified skill; none if there is none.
        """
        query = select(skills).where(skills.c.env_id == env_id, skills.c.status == "verified")
        if task is not None:
            query = query.where(skills.c.task == task)
        with self._database.connect() as connection:
            newest_first = query.order_by(skills.c.created_at.desc(), skills.c.version.desc())
            for skill in read_skills(connection, newest_first):
                if _plain(skill.lineage.task_text) == _plain(text):
                    return skill
        return None

    def list(self, *, all_versions: bool = False) -> _Skills:
        """Returns the skills, sorted by name.

        Args:
            all_versions: every version, newest first, rather than what each name means.
        """
        query = select(skills).order_by(skills.c.name, skills.c.version.desc())
        with self._database.connect() as connection:
            return read_skills(connection, query if all_versions else query.where(skills.c.is_current == 1))


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


def _get(connection: Connection, reference: str) -> Skill:
    name, version = parse_reference(reference)
    if version is not None:
        return _one(connection, name, version)
    name = current_name(connection, name)
    found = read_skills(connection, select(skills).where(skills.c.name == name, skills.c.is_current == 1))
    return found[0] if found else versions_of(connection, name)[0]


def _one(connection: Connection, name: str, version: int) -> Skill:
    present = current_name(connection, name)
    query = select(skills).where(skills.c.name == present, skills.c.version == version)
    found = read_skills(connection, query)
    if found:
        return found[0]
    versions = versions_of(connection, name)
    hint = f"its newest version is {versions[0].version}"
    raise NotFound("skill", f"{name}@{version}", (one.reference for one in versions), hint)


def _needed(connection: Connection, skill: Skill, reference: str) -> dict[str, str | int]:
    """Finds what a new version calls; as that is stored already, calls can form no circle."""
    name, version = parse_reference(reference)
    if version is None:
        raise ConfigError(f"{skill.name} depends on {reference!r}, which names no version; write NAME@VERSION")
    found = _one(connection, name, version)
    return {"name": skill.name, "version": skill.version, "needed": found.name, "needed_version": found.version}


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
        "sentence": skill.lineage.task_text,
        "run_id": skill.lineage.run_id,
        "manifest": to_json(skill),
        "created_at": now(),
    }
