"""Reading skills from the tables: the manifest as it was stored, with the name and status of today."""

import re
from typing import Final, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Select, select

from skillwright.core.errors import NotFound, StorageError
from skillwright.core.schema import skill_aliases, skills
from skillwright.core.serialising import from_json
from skillwright.skills.skill import Skill

__all__ = ["Reference", "current_name", "parse_reference", "read_skills", "versions_of"]

_REFERENCE: Final = re.compile(r"(?P<name>[^@]+)(@(?P<version>[0-9]{1,9}))?")


class Reference(NamedTuple):
    """A skill as a person names it."""

    name: str
    version: int | None


def parse_reference(text: str) -> Reference:
    """Reads a reference.

    Args:
        text: ``name`` or ``name@3``.

    Raises:
        NotFound: it has another form.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise NotFound("skill", text, hint="write it as NAME or NAME@VERSION")
    return Reference(match["name"], None if match["version"] is None else int(match["version"]))


def current_name(connection: Connection, name: str) -> str:
    """Returns the name that a skill has now.

    Args:
        connection: to the database.
        name: the name, or one it had; any other comes back as it is.
    """
    query = select(skill_aliases.c.name).where(skill_aliases.c.alias == name)
    return connection.execute(query).scalar() or name


def versions_of(connection: Connection, name: str) -> list[Skill]:
    """Returns all versions of a skill, newest first.

    Args:
        connection: to the database.
        name: its name, or one it had.

    Raises:
        NotFound: there is no such skill.
    """
    query = select(skills).where(skills.c.name == current_name(connection, name)).order_by(skills.c.version.desc())
    found = read_skills(connection, query)
    if not found:
        raise NotFound("skill", name, connection.execute(select(skills.c.name).distinct()).scalars())
    return found


def read_skills(connection: Connection, query: Select[tuple[object, ...]]) -> list[Skill]:
    """Reads skills.

    Args:
        connection: to the database.
        query: gives whole rows of ``skills``.

    Raises:
        StorageError: a manifest cannot be read.
    """
    return [_parsed(row) for row in connection.execute(query)]


def _parsed(row: Row[tuple[object, ...]]) -> Skill:
    try:
        skill = from_json(Skill, row.manifest)
    except ValidationError as error:
        reason = "it was written by another version of Skillwright, or it is damaged"
        raise StorageError(f"the skill {row.name}@{row.version} cannot be read: {reason}") from error
    return skill.model_copy(update={"name": row.name, "status": row.status})
