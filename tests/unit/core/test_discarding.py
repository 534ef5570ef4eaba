import hashlib

import pytest

from skillwright.core import ArtifactStore, CorruptArtifact, StorageError


def test_a_discarded_artifact_is_gone_and_no_other_is(tmp_path):
    store = ArtifactStore(tmp_path)
    kept, discarded = store.put(b"kept"), store.put(b"discarded")
    store.discard(discarded)
    assert discarded not in store and store.get(kept) == b"kept"


def test_discarding_twice_is_no_mistake(tmp_path):
    store = ArtifactStore(tmp_path)
    sha = store.put(b"discarded")
    store.discard(sha)
    store.discard(sha)
    assert store.put(b"discarded") == sha and sha in store


def test_a_name_that_is_no_hash_removes_nothing(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(CorruptArtifact):
        ArtifactStore(tmp_path / "artifacts").discard("../file")
    assert (tmp_path / "file").exists()


def test_what_cannot_be_removed_is_the_persons_to_mend(tmp_path):
    store = ArtifactStore(tmp_path)
    sha = hashlib.sha256(b"a folder").hexdigest()
    (store.path(sha) / "in the way").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot write"):
        store.discard(sha)
