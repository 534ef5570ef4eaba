"""An import or export that is killed, or that finds the disk full, leaves nothing half done that counts."""

import os
import random
import signal
import subprocess
import sys

import pytest

from skillwright.cli.entry import run_command_line
from skillwright.core.errors import StorageError
from skillwright.skills.library import Library
from skillwright.skills.packs import leftovers
from skillwright.skills.packs.placing import place_file
from skillwright.skills.packs.reading import read_pack
from skillwright.skills.packs.storing import store_pack
from skillwright.skills.packs.writing import write_pack

from .conftest import Shop, bytes_of

IMPORT = """
import os, signal, sys
from pathlib import Path
from skillwright.core.home import Home
from skillwright.skills.library import Library
from skillwright.skills.packs.reading import read_pack_file
from skillwright.skills.packs.storing import store_pack

store, stored = Library.store, []

def kill_at(library, draft):
    if len(stored) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    stored.append(store(library, draft))
    return stored[-1]

Library.store = kill_at
store_pack(read_pack_file(Path(sys.argv[1])), Home.open(Path(sys.argv[2])))
"""
EXPORT = """
import os, signal, sys
from pathlib import Path
from skillwright.skills.packs.placing import place_file

os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
place_file(Path(sys.argv[1]), b"new")
"""
FULL = """
import resource, sys
from pathlib import Path
from skillwright.core.errors import StorageError
from skillwright.core.home import Home
from skillwright.skills.packs.reading import read_pack_file
from skillwright.skills.packs.storing import store_pack

home = Home.open(Path(sys.argv[2]))
pack = read_pack_file(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    store_pack(pack, home)
except StorageError as error:
    print(error)
"""


def python(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def start(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stderr=subprocess.PIPE, text=True)


def artifacts_of(shop):
    return {place.name for place in shop.home.artifacts.rglob("*") if place.is_file()}


@pytest.fixture
def place(program_pack, tmp_path):
    place = tmp_path / "stay-up.swskill"
    place.write_bytes(program_pack)
    return place


@pytest.mark.parametrize("num_stored", [0, 1])
def test_a_killed_import_stores_no_skill_and_the_next_one_tidies_what_it_left(num_stored, place, here, tmp_path):
    assert python(IMPORT, place, here.home.path, num_stored).returncode == -signal.SIGKILL
    assert here.library.list() == []
    left = artifacts_of(here)
    assert left
    origin = Shop(tmp_path / "another")
    other = tmp_path / "other.swskill"
    origin.skill(name="other", sign=-1.0, video=None)
    options = ["--home", str(origin.home.path)]
    assert run_command_line(["skills", "export", "other", str(other), *options]) == 0
    assert run_command_line(["skills", "import", str(other), "--home", str(here.home.path)]) == 0
    assert left & artifacts_of(here) == {here.library.get("other").card}
    assert not list(here.home.path.glob(".import-*"))


def test_a_pack_whose_import_was_killed_can_be_imported(place, here):
    python(IMPORT, place, here.home.path, 1)
    assert run_command_line(["skills", "import", str(place), "--home", str(here.home.path)]) == 0
    assert [one.reference for one in here.library.list()] == ["balance-the-pole@1", "stay-up@1"]
    assert all(here.artifacts.get(one.policy) for one in here.library.list())


@pytest.mark.parametrize(("limit", "num_bytes"), [(60_000, 100_000), (33_000, 100)], ids=["files", "rows"])
def test_an_import_that_finds_the_disk_full_stores_nothing_and_says_so(limit, num_bytes, origin, here, tmp_path):
    origin.skill(video=origin.artifacts.put(b"\0\0\0\x18ftyp" + random.Random(0).randbytes(num_bytes)))
    origin.program()
    place = tmp_path / "stay-up.swskill"
    place.write_bytes(write_pack(origin.library, origin.artifacts, ["stay-up"]))
    result = python(FULL, place, here.home.path, limit)
    assert "disk" in result.stdout and "full" in result.stdout
    assert here.library.list() == []
    assert artifacts_of(here) <= {origin.library.get("stay-up").card}
    assert not list(here.home.path.glob(".import-*"))


def test_an_import_that_fails_at_the_last_skill_stores_none_and_leaves_only_the_card(program_pack, here, monkeypatch):
    store = Library.store

    def fail(library, draft):
        if draft.kind == "program":
            raise StorageError("the disk is full")
        return store(library, draft)

    monkeypatch.setattr(Library, "store", fail)
    pack = read_pack(program_pack)
    with pytest.raises(StorageError, match="disk is full"):
        store_pack(pack, here.home)
    assert here.library.list() == []
    assert artifacts_of(here) == {pack.manifest.skills[0].card}
    assert not list(here.home.path.glob(".import-*"))


def test_what_skills_name_stays_when_an_import_fails(program_pack, here, monkeypatch):
    stored = store_pack(read_pack(program_pack), here.home)
    before = bytes_of(here.home.artifacts)
    monkeypatch.setattr(Library, "store", lambda library, draft: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store_pack(read_pack(program_pack), here.home)
    assert bytes_of(here.home.artifacts) == before
    assert here.library.list() == stored


def test_imports_of_one_pack_at_the_same_time_store_it_once_and_whole(place, here):
    never = 1000
    imports = [start(IMPORT, place, here.home.path, never) for _ in range(4)]
    assert [one.communicate(timeout=120)[1] for one in imports] == [""] * 4
    assert [one.reference for one in here.library.list(all_versions=True)] == ["balance-the-pole@1", "stay-up@1"]
    assert not list(here.home.path.glob(".import-*"))


def test_an_import_at_work_is_not_disturbed_by_another_that_tidies(here):
    with leftovers.bringing(here.home.path, here.database, here.artifacts) as bring:
        sha = here.artifacts.put(b"policy")
        here.artifacts.discard(sha)
        bring.put(b"policy", sha)
        leftovers.tidy(here.home.path, here.database, here.artifacts)
        assert sha in here.artifacts


def test_a_killed_export_leaves_what_was_there_and_the_next_one_tidies(tmp_path):
    place = tmp_path / "pack.swskill"
    place.write_bytes(b"old")
    assert python(EXPORT, place).returncode == -signal.SIGKILL
    assert place.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 2
    place_file(place, b"new")
    assert place.read_bytes() == b"new" and list(tmp_path.iterdir()) == [place]


def test_an_export_that_finds_the_disk_full_leaves_what_was_there(tmp_path):
    place = tmp_path / "pack.swskill"
    place.write_bytes(b"old")
    code = (
        "import resource, sys; from pathlib import Path; from skillwright.skills.packs.placing import place_file\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "place_file(Path(sys.argv[1]), bytes(2000))"
    )
    assert "disk is full" in python(code, place).stderr
    assert place.read_bytes() == b"old" and list(tmp_path.iterdir()) == [place]


def test_an_exported_file_can_be_read_by_whom_new_files_can(tmp_path):
    place_file(tmp_path / "placed", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert os.stat(tmp_path / "placed").st_mode == os.stat(tmp_path / "plain").st_mode
