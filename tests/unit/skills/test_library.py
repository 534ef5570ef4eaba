import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import CorruptArtifact, NotFound
from skillwright.core.home import Home
from skillwright.core.serialising import to_json
from skillwright.skills.library import Library, slug

from ...sample_skill import LINEAGE, sample_skill

STORE_FIVE = """
import sys
from pathlib import Path
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.serialising import from_json
from skillwright.skills.library import Library
from skillwright.skills.skill import Skill
home = Home.open(Path(sys.argv[1]))
library = Library(Database.open(home), ArtifactStore(home.artifacts))
draft = from_json(Skill, Path(sys.argv[2]).read_text())
print("ready", flush=True)
sys.stdin.readline()
for index in range(5):
    lineage = draft.lineage.model_copy(update={"run_id": f"{sys.argv[3]}-{index}"})
    print(library.store(draft.model_copy(update={"lineage": lineage})).version)
"""


@pytest.fixture
def artifacts(home):
    return ArtifactStore(Home.open().artifacts)


@pytest.fixture
def library(home, artifacts):
    return Library(Database.open(Home.open()), artifacts)


@pytest.fixture
def draft(artifacts):
    """Makes skills whose artifacts are stored."""

    def made(*, name="land-softly", run_id="20260101-000000-aaaa", text="land softly", **fields):
        lineage = LINEAGE.model_copy(update={"run_id": run_id, "task_text": text})
        world = {"env_id": "box2d/LunarLander-v3", "task": "land", "step_limit": 1000}
        return sample_skill(artifacts, **{"name": name, "lineage": lineage, **world, **fields})

    return made


@pytest.fixture
def three_versions(library, draft):
    return [library.store(draft(run_id=f"run-{index}")) for index in range(3)]


def test_a_stored_skill_comes_back_whole(library, draft):
    stored = library.store(draft())
    assert library.get("land-softly@1") == stored == draft()


def test_every_store_makes_the_next_version(three_versions):
    assert [skill.version for skill in three_versions] == [1, 2, 3]


def test_the_version_of_the_draft_does_not_count(library, draft):
    assert library.store(draft(version=40)).version == 1


def test_earlier_versions_stay_as_they_were(library, three_versions):
    assert library.versions("land-softly") == three_versions[::-1]


def test_a_run_that_stores_the_same_policy_again_gets_its_version(library, draft):
    first = library.store(draft())
    library.store(draft(run_id="another-run"))
    assert library.store(draft(created_at="2026-01-02T00:00:00+00:00")) == first
    assert len(library.versions("land-softly")) == 2


def test_one_run_may_store_two_policies_under_one_name(library, draft, artifacts):
    library.store(draft())
    assert library.store(draft(policy=artifacts.put(b"other policy"))).version == 2


def test_a_skill_without_its_policy_is_not_stored(library, draft):
    with pytest.raises(CorruptArtifact):
        library.store(draft(policy="0" * 64))
    assert library.list() == []


def test_a_name_means_its_newest_verified_version(library, draft, three_versions):
    library.store(draft(run_id="run-failed", status="failed"))
    assert library.get("land-softly") == three_versions[2]


def test_a_name_without_a_verified_version_means_its_newest(library, draft):
    library.store(draft(run_id="run-1", status="failed"))
    newest = library.store(draft(run_id="run-2", status="failed"))
    assert library.get("land-softly") == newest


def test_a_reference_with_a_version_means_that_version(library, three_versions):
    assert library.get("land-softly@2") == three_versions[1]


def test_an_unknown_version_is_answered_with_the_newest(library, three_versions):
    with pytest.raises(NotFound, match="its newest version is 3"):
        library.get("land-softly@9")


def test_an_unknown_name_is_answered_with_a_close_one(library, three_versions):
    with pytest.raises(NotFound, match=r"did you mean 'land-softly'\?"):
        library.get("land-soft")


@pytest.mark.parametrize("reference", ["", "@", "@3", "land-softly@", "land-softly@x", "land-softly@1@2"])
def test_a_reference_of_another_form_is_not_found(library, three_versions, reference):
    with pytest.raises(NotFound, match="NAME@VERSION"):
        library.get(reference)


def test_the_list_holds_what_each_name_means(library, draft, three_versions):
    library.store(draft(run_id="run-failed", status="failed"))
    other = library.store(draft(name="balance"))
    assert library.list() == [other, three_versions[2]]


def test_the_list_of_all_versions_hides_none(library, draft, three_versions):
    other = library.store(draft(name="balance"))
    assert library.list(all_versions=True) == [other, *three_versions[::-1]]


def test_a_skill_is_found_by_the_same_words(library, three_versions):
    found = library.find_for("box2d/LunarLander-v3", "land", "  Land\tSOFTLY ")
    assert found == three_versions[2]


@pytest.mark.parametrize(
    ("env_id", "task", "text"),
    [
        ("box2d/LunarLander-v3", "land", "land hard"),
        ("box2d/LunarLander-v3", "hover", "land softly"),
        ("classic/CartPole-v1", "land", "land softly"),
    ],
)
def test_a_skill_for_another_purpose_is_not_found(library, three_versions, env_id, task, text):
    assert library.find_for(env_id, task, text) is None


def test_an_unverified_skill_is_not_found_for_reuse(library, draft):
    library.store(draft(status="failed"))
    assert library.find_for("box2d/LunarLander-v3", "land", "land softly") is None


def test_processes_that_store_at_once_lose_nothing(home, library, draft, tmp_path):
    (tmp_path / "draft.json").write_text(to_json(draft()))
    command = [sys.executable, "-c", STORE_FIVE, str(home), str(tmp_path / "draft.json")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([*command, f"run-{index}"], **pipes) for index in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate() for process in processes]
    assert [errors for _, errors in outputs] == [""] * 4
    assigned = [int(line) for output, _ in outputs for line in output.split()]
    assert sorted(assigned) == list(range(1, 21))
    assert [skill.version for skill in library.versions("land-softly")] == list(range(20, 0, -1))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Land softly between the flags!", "land-softly-between-the-flags"),
        ("  Don't   fall, ever. ", "dont-fall-ever"),
        ("Führe den Wagen zurück", "fuhre-den-wagen-zuruck"),
        (
            "hold the pole upright for as long as you can without moving",
            "hold-the-pole-upright-for-as-long-as-you-can",
        ),
        ("x" * 60, "x" * 48),
        ("a" * 48 + " b", "a" * 48),
        ("2 flags", "2-flags"),
    ],
)
def test_a_slug_is_readable(text, name):
    assert slug(text) == name


def test_sentences_without_latin_letters_have_slugs_of_their_own():
    assert re.fullmatch(r"skill-[0-9a-f]{8}", slug("平稳着陆"))
    assert slug("平稳着陆") != slug("посадка")


@given(st.text())
def test_every_slug_can_name_a_skill(text):
    name = slug(text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert len(name) <= 48
