import fcntl
import hashlib
import subprocess
import sys

import pytest

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.errors import CorruptArtifact, StorageError

WRITE_BEYOND_THE_LIMIT = """
import resource, sys
from pathlib import Path
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.errors import StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    ArtifactStore(Path(sys.argv[1])).put(bytes(5000))
except StorageError as error:
    print(error)
"""


@pytest.fixture
def store(tmp_path):
    return ArtifactStore(tmp_path / "artifacts")


def files(store_root):
    return [path for path in store_root.rglob("*") if path.is_file()]


def test_an_artifact_comes_back_as_it_was_stored(store):
    assert store.get(store.put(b"weights")) == b"weights"


def test_the_empty_artifact_is_an_artifact(store):
    assert store.get(store.put(b"")) == b""


def test_the_name_of_an_artifact_is_its_hash(store):
    assert store.put(b"weights") == hashlib.sha256(b"weights").hexdigest()


def test_artifacts_are_spread_over_folders(store, tmp_path):
    sha = store.put(b"weights")
    assert store.path(sha) == tmp_path / "artifacts" / sha[:2] / sha[2:4] / sha


def test_storing_twice_keeps_one_file_untouched(store, tmp_path):
    sha = store.put(b"weights")
    before = store.path(sha).stat().st_mtime_ns
    assert store.put(b"weights") == sha
    assert store.path(sha).stat().st_mtime_ns == before
    assert files(tmp_path) == [store.path(sha)]


def test_a_stored_artifact_is_contained_and_no_other_is(store):
    assert store.put(b"weights") in store
    assert hashlib.sha256(b"other").hexdigest() not in store
    assert "../weights" not in store


def test_a_missing_artifact_is_named_with_what_to_do(store):
    sha = hashlib.sha256(b"never stored").hexdigest()
    with pytest.raises(CorruptArtifact, match=rf"{sha} is missing; restore it"):
        store.get(sha)


def test_a_truncated_artifact_is_never_returned(store):
    sha = store.put(b"weights")
    store.path(sha).write_bytes(b"weig")
    with pytest.raises(CorruptArtifact, match=rf"{sha} is damaged: its 4 bytes"):
        store.get(sha)


def test_a_changed_artifact_is_never_returned(store):
    sha = store.put(b"weights")
    store.path(sha).write_bytes(b"wEights")
    with pytest.raises(CorruptArtifact, match="damaged"):
        store.get(sha)


def test_storing_again_heals_a_damaged_artifact(store):
    sha = store.put(b"weights")
    store.path(sha).write_bytes(b"weig")
    store.put(b"weights")
    assert store.get(sha) == b"weights"


@pytest.mark.parametrize("name", ["", "abc", "../../etc/passwd", "A" * 64, "a" * 64 + "\n"])
def test_a_name_that_is_no_hash_reaches_no_file(store, name):
    with pytest.raises(CorruptArtifact, match="not a SHA-256"):
        store.get(name)


def test_a_folder_that_cannot_be_made_is_the_persons_to_mend(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        ArtifactStore(tmp_path / "file").put(b"weights")


def test_a_write_beyond_the_file_size_limit_leaves_nothing_half_written(tmp_path):
    command = [sys.executable, "-c", WRITE_BEYOND_THE_LIMIT, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "disk is full" in result.stdout
    assert files(tmp_path) == []


def test_a_full_disk_leaves_nothing_half_written_and_what_was_stored_stays(small_disk):
    store = ArtifactStore(small_disk)
    kept = store.put(b"weights")
    with pytest.raises(StorageError, match="disk is full"):
        store.put(bytes(2_000_000))
    assert files(small_disk) == [store.path(kept)]
    assert store.get(kept) == b"weights"


def test_what_a_killed_writer_left_is_tidied_away_and_a_writer_at_work_is_not_disturbed(tmp_path):
    store = ArtifactStore(tmp_path)
    place = store.path(store.put(b"whole"))
    left = place.with_name(".left.part")
    left.write_bytes(b"ha")
    busy = place.with_name(".busy.part")
    with busy.open("wb") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        store.tidy()
    assert sorted(path.name for path in place.parent.iterdir()) == sorted([busy.name, place.name])
