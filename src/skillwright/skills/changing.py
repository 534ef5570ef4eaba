"""What may be done to stored skills: each change with its row of history, in the caller's transaction."""

import re
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection, and_, or_, select

from skillwright.core.errors import ConfigError
from skillwright.core.schema import now, skill_aliases, skill_dependencies, skill_history, skill_vectors, skills
from skillwright.skills.reading import read_skills
from skillwright.skills.skill import Skill, SkillStatus

__all__ = ["Action", "Change", "choose_current", "dependents", "history", "mark", "record", "rename"]

Action = Literal["stored", "marked", "rolled back", "renamed"]
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Change(NamedTuple):
    """One thing that was done to a skill."""

    name: str
    """The skill's name at the time."""
    version: int
    """The version; of a renaming, the newest."""
    action: str
    status: str
    """Of the version, after it."""
    detail: str
    """Why, by which run, or to which name."""
    at: str
    """UTC, ISO 8601."""


def record(connection: Connection, skill: Skill, action: Action, detail: str) -> None:
    """Adds a row of history.

    Args:
        connection: a transaction.
        skill: with the status it has now.
        action: what was done.
        detail: why, by which run, or to which name.
    """
    row = {"name": skill.name, "version": skill.version, "action": action, "status": skill.status}
    connection.execute(skill_history.insert().values({**row, "detail": detail, "at": now()}))


def mark(connection: Connection, skill: Skill, status: SkillStatus, reason: str) -> Skill:
    """Changes a version's status.

    Args:
        connection: a transaction.
        skill: the version.
        status: its new status.
        reason: for the history.
    """
    marked = skill.model_copy(update={"status": status})
    here = and_(skills.c.name == skill.name, skills.c.version == skill.version)
    connection.execute(skills.update().where(here).values(status=status))
    record(connection, marked, "marked", reason)
    choose_current(connection, skill.name)
    return marked


def choose_current(connection: Connection, name: str) -> None:
    """Decides what a name means, and writes it down.

    Args:
        connection: a transaction.
        name: name of the skill.
    """
    query = select(skills.c.version, skills.c.status, skills.c.is_current).where(skills.c.name == name)
    rows = connection.execute(query.order_by(skills.c.version.desc())).all()
    usable = [row.version for row in rows if row.status in ("verified", "draft")]
    pinned = _pinned(connection, name)
    ranked = [
        *([pinned] if pinned in usable else []),
        *(row.version for row in rows if row.status == "verified"),
        *(row.version for row in rows if row.status != "retired"),
        *(row.version for row in rows),
    ]
    if [row.version for row in rows if row.is_current] == ranked[:1]:
        return
    connection.execute(skills.update().where(skills.c.name == name, skills.c.is_current == 1).values(is_current=0))
    connection.execute(skills.update().where(skills.c.name == name, skills.c.version == ranked[0]).values(is_current=1))


def rename(connection: Connection, skill: Skill, new: str) -> None:
    """Gives all versions of a skill another name, and keeps the old one as an alias.

    Args:
        connection: a transaction.
        skill: its newest version.
        new: the name.

    Raises:
        ConfigError: the name is taken, or cannot be a name.
    """
    old = skill.name
    if not _NAME.fullmatch(new):
        raise ConfigError(f"{new!r} cannot be a name: use lower-case letters and digits, joined by single hyphens")
    owner = connection.execute(select(skill_aliases.c.name).where(skill_aliases.c.alias == new)).scalar()
    is_taken = connection.execute(select(skills.c.name).where(skills.c.name == new).limit(1)).first() is not None
    if is_taken or owner not in (None, old):
        raise ConfigError(f"{new!r} is already a name of {owner or new!r}; choose another")
    record(connection, skill, "renamed", new)
    connection.execute(skill_aliases.delete().where(skill_aliases.c.alias == new))
    connection.execute(skill_aliases.update().where(skill_aliases.c.name == old).values(name=new))
    connection.execute(skill_aliases.insert().values(alias=old, name=new))
    for table in (skills, skill_vectors, skill_dependencies):
        connection.execute(table.update().where(table.c.name == old).values(name=new))
    needed = skill_dependencies.c.needed
    connection.execute(skill_dependencies.update().where(needed == old).values(needed=new))


def history(connection: Connection, name: str) -> list[Change]:
    """Lists what was done to a skill, oldest first.

    Args:
        connection: to the database.
        name: the name it has now.
    """
    columns = [skill_history.c[field] for field in Change._fields]
    query = select(*columns).where(skill_history.c.name.in_(_names(connection, name))).order_by(skill_history.c.id)
    return [Change(*row) for row in connection.execute(query)]


def dependents(connection: Connection, skill: Skill) -> list[Skill]:
    """Lists the versions that call a skill.

    Args:
        connection: to the database.
        skill: the version that is called.
    """
    calls = skill_dependencies.c
    joined = and_(skills.c.name == calls.name, skills.c.version == calls.version)
    query = select(skills).join(skill_dependencies, joined).order_by(skills.c.name, skills.c.version)
    return read_skills(connection, query.where(calls.needed == skill.name, calls.needed_version == skill.version))


def _pinned(connection: Connection, name: str) -> int | None:
    """Returns the version that was rolled back to, unless one was verified after that."""
    columns = skill_history.c
    settles = or_(
        columns.action == "rolled back", and_(columns.action.in_(["stored", "marked"]), columns.status == "verified")
    )
    query = select(columns.action, columns.version).where(columns.name.in_(_names(connection, name)), settles)
    last = connection.execute(query.order_by(columns.id.desc()).limit(1)).first()
    return last.version if last is not None and last.action == "rolled back" else None


def _names(connection: Connection, name: str) -> list[str]:
    query = select(skill_aliases.c.alias).where(skill_aliases.c.name == name)
    return [name, *connection.execute(query).scalars()]
