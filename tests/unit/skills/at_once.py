"""One of several processes that work on a library at once: ``python at_once.py HOME DRAFT NUMBER``."""

import hashlib
import sys
from pathlib import Path

import numpy as np

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.serialising import from_json
from skillwright.skills.library import Library
from skillwright.skills.searching import Query
from skillwright.skills.skill import Skill

NUM_ROUNDS = 4


class HashEmbedder:
    """Gives each text a direction of its own."""

    spec = "hash"

    def embed(self, texts):
        rows = [[byte - 127.5 for byte in hashlib.sha256(text.encode()).digest()[:8]] for text in texts]
        vectors = np.array(rows, np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def store(library, draft, name, text, run_id):
    lineage = draft.lineage.model_copy(update={"run_id": run_id, "task_text": text})
    return library.store(draft.model_copy(update={"name": name, "description": text, "lineage": lineage}))


def work(library, draft, number):
    """Stores in three skills each round, two of them everybody's, and changes and searches in between."""
    own, word = f"own-{number}", f"zebra{number}"
    for index in range(NUM_ROUNDS):
        run_id = f"run-{number}-{index}"
        made = store(library, draft, own, f"paints the {word}", run_id)
        shared = store(library, draft, "shared", "pushes the shared ball", run_id)
        store(library, draft, "contested", "lifts the contested cup", run_id)
        library.rename("contested", f"contested-{number}-{index}")
        assert [hit.skill.name for hit in library.search(Query(text=word))] == [made.name]
        library.rename(own, own := f"own-{number}-{index}")
        library.roll_back(f"{own}@1", "the first was best")
        assert library.get(own).version == 1
        if index % 2:
            library.retire(shared.reference, "worn out", force=True)
        hits = library.search(Query(text=f"paints the {word}", embedder=HashEmbedder()))
        assert own in [hit.skill.name for hit in hits]
        library.search(Query(text="contested cup", embedder=HashEmbedder()))


if __name__ == "__main__":
    home = Home.open(Path(sys.argv[1]))
    opened = Library(Database.open(home), ArtifactStore(home.artifacts))
    read = from_json(Skill, Path(sys.argv[2]).read_text())
    print("ready", flush=True)
    sys.stdin.readline()
    work(opened, read, int(sys.argv[3]))
