"""Finding skills by words (SQLite's FTS5, BM25) and, where there is an embedder, by meaning."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, false, func, or_, select, text

from skillwright.core.database import Database
from skillwright.core.errors import ConfigError
from skillwright.core.schema import skills
from skillwright.skills.meanings import Group, Key, TextEmbedder, Vectors, embed_missing, load_vectors, stamp
from skillwright.skills.reading import read_skills
from skillwright.skills.skill import Skill, SkillStatus

__all__ = ["Hit", "Index", "Query", "TextEmbedder"]

_MOST_WORDS: Final = 24
_CANDIDATES: Final = 50
_TEXT_WEIGHT: Final = 0.4
_STOP: Final = frozenset(
    "a an and any are as at be but by can do does for from get go has have how i if in into is it its let like make me "
    "my no not of off on one or our please should so some than that the their them then there this to until up want "
    "we what when where which while will with without would you your".split()
)
_FTS: Final = text("""
SELECT s.name, s.version, -found.score AS score FROM (
    SELECT name, version, rank AS score FROM skill_words
    WHERE skill_words MATCH :match AND rank MATCH 'bm25(4.0, 0.0, 0.0, 3.0, 2.0, 2.0)' ORDER BY rank LIMIT :depth
) AS found CROSS JOIN skills AS s ON s.name = found.name AND s.version = found.version
WHERE s.is_current = 1 AND (:env IS NULL OR s.env_id = :env) AND s.status IN :statuses
ORDER BY score DESC, s.name LIMIT :limit
""").bindparams(bindparam("statuses", expanding=True))
_COUNT: Final = text("SELECT count(*) FROM (SELECT 1 FROM skill_words WHERE skill_words MATCH :match LIMIT :most)")
_MOST_ROWS: Final = 4_000
"""Ranking so many rows of the index takes some 8 ms; words that are in more tell little."""
_DEPTHS: Final = (200, -1)
"""Of the best rows of the index so many are looked up; all, if among the first too few may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for."""

    text: str
    """Any text; its words count, its signs do not."""
    env_id: str | None = None
    """The world that the skill must be for."""
    limit: int = 10
    statuses: tuple[SkillStatus, ...] = ("verified", "draft")
    embedder: TextEmbedder | None = None
    """None: full text alone."""


class Hit(NamedTuple):
    """A skill that was found."""

    skill: Skill
    score: float
    """The larger the better, at most 1."""
    why: str
    """What agrees, in words."""


class Index:
    """Searches one library; it keeps the vectors of one embedder until the library changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cached: dict[str, Vectors] = {}

    def search(self, query: Query) -> list[Hit]:
        """Finds skills; see ``Library.search``.

        Args:
            query: what to look for.
        """
        if not query.text.strip() or query.limit < 1:
            raise ConfigError("say in words what to look for, and a limit of at least 1")
        near = self._near(query)
        with self._database.connect() as connection:
            found = _by_words(connection, query)
            best = max(found.values(), default=1.0) or 1.0
            words = {key: score / best for key, score in found.items()}
            share = _TEXT_WEIGHT if near else 1.0
            scores = {key: share * words.get(key, 0.0) + (1 - share) * near.get(key, 0.0) for key in {**words, **near}}
            chosen = sorted(scores, key=lambda key: (-scores[key], key))[: query.limit]
            made = _read(connection, chosen)
            # What another process renamed after its vector was read is found again by the next search.
            chosen = [key for key in chosen if key in made]
            return [Hit(made[key], scores[key], _why(words.get(key), near.get(key))) for key in chosen]

    def _near(self, query: Query) -> dict[Key, float]:
        import numpy as np

        if query.embedder is None:
            return {}
        wanted = query.embedder.embed([query.text])
        if wanted.shape[1] == 0:
            return {}
        vectors = self._vectors(query.embedder)
        if not vectors.keys:
            return {}
        allowed = np.array([_may_show(query, group) for group in vectors.named])[vectors.groups]
        found, cosines = vectors.units.nearest(wanted[0], max(_CANDIDATES, query.limit), allowed)
        return {vectors.keys[index]: max(float(cosine), 0.0) for index, cosine in zip(found, cosines, strict=True)}

    def _vectors(self, embedder: TextEmbedder) -> Vectors:
        with self._database.connect() as connection:
            now = stamp(connection)
        cached = self._cached.get(embedder.spec)
        if cached is None or cached.stamp != now:
            embed_missing(self._database, embedder)
            with self._database.connect() as connection:
                cached = load_vectors(connection, embedder.spec)
            self._cached = {embedder.spec: cached}
        return cached


def _may_show(query: Query, group: Group) -> bool:
    env_id, status = group
    return status in query.statuses and query.env_id in (None, env_id)


def _words(text_: str) -> list[str]:
    """Returns the words that tell something; all words if none does."""
    plain = unicodedata.normalize("NFKC", text_).casefold()
    words = list(dict.fromkeys(re.findall(r"[^\W_]+", plain)))
    return ([word for word in words if word not in _STOP] or words)[:_MOST_WORDS]


def _by_words(connection: Connection, query: Query) -> dict[Key, float]:
    words = _words(query.text)
    if not words:
        return {}
    if connection.dialect.name != "sqlite":
        return _by_like(connection, query, words)
    telling = _telling(connection, words)
    match = "{name task description sentence} : (" + " OR ".join(f'"{word}"' for word in telling) + ")"
    if query.env_id is not None and (env := _words_of_id(query.env_id)):
        match = f'env_id : "{env}" AND ({match})'
    values = {"match": match, "env": query.env_id, "statuses": query.statuses, "limit": max(_CANDIDATES, query.limit)}
    found: dict[Key, float] = {}
    for depth in _DEPTHS:
        rows = connection.execute(_FTS, {**values, "depth": depth})
        found = {(row.name, row.version): row.score for row in rows}
        if len(found) >= query.limit:
            break
    return found


def _telling(connection: Connection, words: Sequence[str]) -> list[str]:
    """Returns the rarest words that together are in few enough rows to rank them all at once; at least one."""
    counts = {
        word: connection.execute(_COUNT, {"match": f'"{word}"', "most": _MOST_ROWS}).scalar_one() for word in words
    }
    rarest = sorted((word for word in words if counts[word]), key=lambda word: counts[word]) or list(words)[:1]
    sums = accumulate(counts[word] for word in rarest)
    return [word for word, rows in zip(rarest, sums, strict=True) if word == rarest[0] or rows <= _MOST_ROWS]


def _words_of_id(env_id: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", env_id))


def _by_like(connection: Connection, query: Query, words: Sequence[str]) -> dict[Key, float]:
    """Counts the words that occur, for databases without FTS5, such as PostgreSQL."""
    content = func.lower(skills.c.name + " " + skills.c.task + " " + skills.c.description)
    score = sum(
        (content.contains(word, autoescape=True).cast(skills.c.version.type) for word in words[1:]),
        content.contains(words[0], autoescape=True).cast(skills.c.version.type),
    )
    found = select(skills.c.name, skills.c.version, score.label("score"))
    found = found.where(skills.c.is_current == 1, skills.c.status.in_(query.statuses), score > 0)
    if query.env_id is not None:
        found = found.where(skills.c.env_id == query.env_id)
    rows = connection.execute(found.order_by(score.desc(), skills.c.name).limit(max(_CANDIDATES, query.limit)))
    return {(row.name, row.version): float(row.score) for row in rows}


def _read(connection: Connection, keys: Sequence[Key]) -> dict[Key, Skill]:
    each = ((skills.c.name == name) & (skills.c.version == version) for name, version in keys)
    wanted = select(skills).where(or_(false(), *each))
    return {(skill.name, skill.version): skill for skill in read_skills(connection, wanted)}


def _why(words: float | None, near: float | None) -> str:
    parts = [f"words {words:.2f}"] if words is not None else []
    return ", ".join([*parts, f"meaning {near:.2f}"] if near is not None else parts)
