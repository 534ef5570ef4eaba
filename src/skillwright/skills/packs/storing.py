"""Takes in a pack that has passed every check: its files first, then all its skills in one transaction."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import ProgramRejected
from skillwright.core.home import Home
from skillwright.skills.library import Library
from skillwright.skills.packs import leftovers
from skillwright.skills.packs.binding import bind, read_calls, resolve
from skillwright.skills.packs.manifest import CARD, MANIFEST, PROGRAM, REWARD, PackRefused, folder_of
from skillwright.skills.packs.reading import Pack, check_new_name
from skillwright.skills.skill import Skill

__all__ = ["store_pack"]

_RUN_PREFIX: Final = "import-"


def store_pack(pack: Pack, home: Home, *, name: str | None = None) -> list[Skill]:
    """Stores the skills of a pack as drafts, whatever their origin says of them: all of them, or none.

    Each gets the next version of its name here, and programs run the versions that came with them. What the origin
    claims stays in the draft's evidence; its run is called ``import-`` and the SHA-256 under which the whole manifest
    is kept as an artifact.

    Args:
        pack: without fault.
        home: where the skills go.
        name: of the skill that was packed, if it shall have another one here.

    Returns:
        The stored skills, each after those it depends on.

    Raises:
        PackRefused: a new name was given for several skills, or it is none or taken within the pack.
        StorageError: the home folder cannot be written; nothing was stored.
    """
    check_new_name(pack.manifest, name)
    database, artifacts = Database.open(home), ArtifactStore(home.artifacts)
    leftovers.tidy(home.path, database, artifacts)
    with leftovers.bringing(home.path, database, artifacts) as bring:
        origin = _put_files(pack, artifacts, bring)
        with database.begin() as connection:
            library = Library(_OneTransaction(connection), artifacts)
            storing = _Storing(pack=pack, library=library, bring=bring, name=name, origin=origin)
            return [storing.store(skill) for skill in pack.manifest.skills]


def _put_files(pack: Pack, artifacts: ArtifactStore, bring: leftovers.Bringing) -> str:
    """Stores all files but the texts of programs, and returns the run that the drafts are said to be of.

    Cards are many skills' and small, so they stay even if the import fails: somebody else may need them by then.
    """
    origin = hashlib.sha256(pack.contents[MANIFEST]).hexdigest()
    bring.put(pack.contents[MANIFEST], origin)
    for path, data in pack.contents.items():
        if path.endswith(f"/{CARD}"):
            artifacts.put(data)
        elif path != MANIFEST and not path.endswith((f"/{REWARD}", f"/{PROGRAM}")):
            bring.put(data, pack.manifest.files[path].sha256)
    return f"{_RUN_PREFIX}{origin}"


class _OneTransaction(Database):
    """Has all that a library does happen in a transaction that somebody else ends."""

    def __init__(self, connection: Connection) -> None:
        self._given = connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Gives the transaction."""
        yield self._given

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Gives the transaction."""
        yield self._given


@dataclass(frozen=True, slots=True, kw_only=True)
class _Storing:
    """Stores skill after skill, each after those it depends on."""

    pack: Pack
    library: Library
    bring: leftovers.Bringing
    name: str | None
    origin: str
    references: dict[str, str] = field(default_factory=dict)
    """What a skill is called in the pack -> what it is called here."""

    def store(self, skill: Skill) -> Skill:
        folder = folder_of(skill)
        changes: dict[str, object] = {
            "status": "draft",
            "name": self.name if self.name is not None and folder in self.pack.manifest.roots else skill.name,
            "lineage": skill.lineage.model_copy(update={"run_id": self.origin}),
            "dependencies": tuple(dict.fromkeys(self.references[one] for one in skill.dependencies)),
            "parts": tuple(self.references[one] for one in skill.parts),
        }
        draft = skill.model_copy(update=changes)
        stored = self._store_policy(draft, folder) if skill.kind == "policy" else self._store_program(draft, skill)
        self.references[folder] = stored.reference
        return stored

    def _store_policy(self, draft: Skill, folder: str) -> Skill:
        reward = self.pack.contents[f"{folder}/{REWARD}"].decode()
        return self.library.store(draft.model_copy(update={"reward_source": reward}))

    def _store_program(self, draft: Skill, packed: Skill) -> Skill:
        """Stores a program; its text names versions if another one of the pack has the same text and runs others."""
        bound = self._bound(draft, packed, is_exact=False)
        stored = self.library.store(bound)
        if (stored.dependencies, stored.parts) == (bound.dependencies, bound.parts):
            return stored
        return self.library.store(self._bound(draft, packed, is_exact=True))

    def _bound(self, draft: Skill, packed: Skill, *, is_exact: bool) -> Skill:
        """Lets the program run the versions that its skills have here."""
        source = self.pack.contents[f"{folder_of(packed)}/{PROGRAM}"].decode()
        targets = {}
        for call in read_calls(source):
            meant = resolve(call.called, packed.dependencies)
            assert meant is not None, "a pack without fault says which skill it means"
            targets[call.called] = self.references[meant]
        try:
            bound = bind(source, targets, is_exact=is_exact)
        except ProgramRejected as error:
            raise PackRefused(f"the program of {folder_of(packed)}, with the names used here: {error}") from None
        data = bound.source.encode()
        sha = hashlib.sha256(data).hexdigest()
        self.bring.put(data, sha)
        return draft.model_copy(update={"policy": sha, "dependencies": bound.dependencies})
