import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.serialising import to_json
from skillwright.skills.library import Library
from skillwright.skills.searching import Query

from ...sample_skill import sample_skill
from .at_once import NUM_ROUNDS, HashEmbedder

NUM_PROCESSES = 8
NUM_STORED = NUM_PROCESSES * NUM_ROUNDS


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A home on which eight processes have worked at once, each storing, renaming, rolling back and searching."""
    folder = tmp_path_factory.mktemp("at-once")
    home = Home.open(folder / "home")
    database = Database.open(home)
    (folder / "draft.json").write_text(to_json(sample_skill(ArtifactStore(home.artifacts))))
    command = [sys.executable, str(Path(__file__).with_name("at_once.py")), str(home.path), str(folder / "draft.json")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([*command, str(number)], **pipes) for number in range(NUM_PROCESSES)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == [""] * NUM_PROCESSES
    return database, Library(database, ArtifactStore(home.artifacts))


def test_the_file_and_its_index_of_words_are_whole(worked):
    database, _ = worked
    with database.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        connection.exec_driver_sql("INSERT INTO skill_words (skill_words, rank) VALUES ('integrity-check', 1)")


def test_every_version_that_was_stored_is_there_once(worked):
    _, library = worked
    for name in ("shared", "contested"):
        versions = library.versions(name)
        assert [one.version for one in versions] == list(range(NUM_STORED, 0, -1))
        assert len({one.lineage.run_id for one in versions}) == NUM_STORED
    for number in range(NUM_PROCESSES):
        assert len(library.versions(f"own-{number}")) == NUM_ROUNDS


def test_every_change_is_in_the_history(worked):
    _, library = worked
    actions = [change.action for change in library.history("contested")]
    assert sorted(actions) == ["renamed"] * NUM_STORED + ["stored"] * NUM_STORED
    for number in range(NUM_PROCESSES):
        actions = [change.action for change in library.history(f"own-{number}")]
        assert actions == ["stored", "renamed", "rolled back"] * NUM_ROUNDS


def test_every_name_that_was_ever_given_leads_to_its_skill(worked):
    _, library = worked
    given = [f"contested-{number}-{index}" for number in range(NUM_PROCESSES) for index in range(NUM_ROUNDS)]
    assert {library.get(name).name for name in given} == {library.get("contested").name}


def test_every_name_means_one_version_and_the_right_one(worked):
    database, library = worked
    with database.connect() as connection:
        counts = connection.execute(text("SELECT name, sum(is_current) FROM skills GROUP BY name")).all()
    assert {number for _, number in counts} == {1}
    assert {library.get(f"own-{number}").version for number in range(NUM_PROCESSES)} == {1}
    usable = [one for one in library.versions("shared") if one.status == "verified"]
    assert len(usable) == NUM_STORED // 2
    assert library.get("shared") == usable[0]


def test_a_search_by_words_and_by_meaning_finds_every_skill(worked):
    _, library = worked
    wanted = {f"own-{number}-{NUM_ROUNDS - 1}" for number in range(NUM_PROCESSES)}
    by_words = library.search(Query(text=" ".join(f"zebra{number}" for number in range(NUM_PROCESSES)), limit=100))
    assert {hit.skill.name for hit in by_words} == wanted
    by_meaning = library.search(Query(text="stripes", limit=100, embedder=HashEmbedder()))
    assert {hit.skill.name for hit in by_meaning} == wanted | {"shared", library.get("contested").name}


def test_the_vectors_are_those_of_skills_that_are_there(worked):
    database, _ = worked
    loose = "SELECT count(*) FROM skill_vectors AS v LEFT JOIN skills AS s USING (name, version) WHERE s.name IS NULL"
    with database.connect() as connection:
        assert connection.exec_driver_sql(loose).scalar() == 0
