from pathlib import Path

import pytest

from skillwright.core.errors import StorageError
from skillwright.core.home import Home


def test_an_explicit_path_wins_over_the_environment(tmp_path):
    assert Home.open(tmp_path / "mine").path == tmp_path / "mine"


def test_the_environment_names_the_home(home):
    assert Home.open().path == home
    assert home.is_dir()


def test_without_either_the_home_is_where_the_platform_keeps_data(tmp_path, monkeypatch):
    monkeypatch.delenv("SKILLWRIGHT_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Home.open().path == tmp_path / "skillwright"


def test_a_relative_path_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened = Home.open(Path("here"))
    monkeypatch.chdir("/")
    assert opened.database == tmp_path / "here" / "skillwright.db"


def test_opening_leaves_nothing_behind(home):
    Home.open()
    assert list(home.iterdir()) == []


def test_a_home_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="SKILLWRIGHT_HOME"):
        Home.open(tmp_path / "file" / "home")


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        Home.open(tmp_path / "file")


def test_a_home_that_exists_but_takes_no_files_is_refused():
    with pytest.raises(StorageError, match="/proc/self"):
        Home.open(Path("/proc/self"))


def test_a_home_on_a_full_disk_is_refused(small_disk):
    with pytest.raises(OSError), (small_disk / "filler").open("wb") as filler:
        while True:
            filler.write(bytes(4096))
            filler.flush()
    with pytest.raises(StorageError, match="disk is full"):
        Home.open(small_disk)


def test_a_run_has_a_folder_of_its_own():
    folder = Home.open().run_folder("20260101-000000-abcd")
    assert folder.is_dir()
    assert folder.parent == Home.open().runs


def test_a_run_folder_never_leaves_the_home():
    with pytest.raises(AssertionError):
        Home.open().run_folder("../elsewhere")
