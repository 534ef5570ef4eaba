"""The shelf of kept experience: within its budget, whole after every kill, and good for several runs at once."""

import subprocess
import sys
import time
from functools import partial

import pytest

from skillwright.core.errors import StorageError
from skillwright.rewards.experience import ExperienceShelf
from skillwright.rewards.experience.minari_files import read_dataset, write_dataset

BIG = 1e9


@pytest.fixture
def shelf(tmp_path):
    return ExperienceShelf(tmp_path / "experience")


def names(shelf, run_id="run"):
    return [place.name for place in shelf.datasets(run_id)]


def write_bytes(place, num):
    place.mkdir()
    (place / "data").write_bytes(b"x" * num)


def test_the_oldest_dataset_gives_way_whatever_run_it_is_of(shelf):
    for number, run in enumerate(["run", "other", "run", "run"]):
        shelf.add(f"{run}/d{number}-v0", partial(write_bytes, num=1000), max_bytes=2500)
        time.sleep(0.01)
    assert names(shelf) == ["d2-v0", "d3-v0"]
    assert not shelf.place("other").exists()


def test_what_is_larger_than_the_budget_is_not_kept(shelf):
    shelf.add("run/small-v0", partial(write_bytes, num=1000), max_bytes=2500)
    shelf.add("run/large-v0", partial(write_bytes, num=3000), max_bytes=2500)
    assert names(shelf) == ["small-v0"]


def test_a_writer_that_fails_leaves_nothing(shelf):
    def fail(place):
        write_bytes(place, 10)
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        shelf.add("run/one-v0", fail, max_bytes=BIG)
    assert names(shelf) == []
    assert [path.name for path in shelf.place("").iterdir()] == [".lock"]


KILLED = """
import os, signal, sys
from pathlib import Path
from skillwright.rewards.experience.shelf import ExperienceShelf

def write(place):
    place.mkdir()
    (place / "data").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)

ExperienceShelf(Path(sys.argv[1])).add("run/one-v0", write, max_bytes=1e9)
"""


def test_what_a_killed_writer_left_is_ignored_and_tidied(shelf):
    root = shelf.place("")
    assert subprocess.run([sys.executable, "-c", KILLED, str(root)], check=False, timeout=60).returncode == -9
    assert len(list(root.glob(".part-*"))) == 1
    assert names(shelf) == []
    shelf.tidy()
    assert not list(root.glob(".part-*"))


WRITER = """
import sys
from pathlib import Path
from skillwright.rewards.experience.shelf import ExperienceShelf

def write(place):
    place.mkdir()
    (place / "data").write_bytes(b"x" * 1000)

shelf = ExperienceShelf(Path(sys.argv[1]))
for number in range(20):
    shelf.add(f"{sys.argv[2]}/d{number:02d}-v0", write, max_bytes=1e9)
    shelf.tidy()
"""


def test_two_runs_at_once_keep_all_of_theirs(shelf):
    command = [sys.executable, "-c", WRITER, str(shelf.place(""))]
    writers = [subprocess.Popen([*command, run]) for run in ("run-a", "run-b")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    expected = [f"d{number:02d}-v0" for number in range(20)]
    assert names(shelf, "run-a") == names(shelf, "run-b") == expected


def test_a_dataset_of_one_name_is_replaced_whole(shelf, card, episode):
    for uids in (["a", "b", "c"], ["d"]):
        write = partial(write_dataset, dataset_id="run/one-v0", card=card, episodes=[episode(uid) for uid in uids])
        shelf.add("run/one-v0", write, max_bytes=BIG)
    [place] = shelf.datasets("run")
    assert [one.record.uid for one in read_dataset(place, card)] == ["d"]


def test_a_place_that_cannot_be_written_is_the_persons_to_mend(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        ExperienceShelf(tmp_path / "file" / "experience").add("a/b-v0", print, max_bytes=1.0)
