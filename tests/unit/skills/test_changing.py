import pytest

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import ConfigError, NotFound
from skillwright.core.home import Home
from skillwright.skills.library import Library
from skillwright.skills.searching import Query

from ...sample_skill import LINEAGE, sample_skill


@pytest.fixture
def library(home):
    opened = Home.open()
    return Library(Database.open(opened), ArtifactStore(opened.artifacts))


@pytest.fixture
def store(library):
    def stored(name="balance", run_id="run-0", **fields):
        lineage = LINEAGE.model_copy(update={"run_id": run_id})
        artifacts = ArtifactStore(Home.open().artifacts)
        return library.store(sample_skill(artifacts, name=name, lineage=lineage, **fields))

    return stored


def test_a_mark_changes_the_status_and_nothing_else(library, store):
    first = store()
    library.mark("balance@1", "failed", "it fell")
    assert library.get("balance@1") == first.model_copy(update={"status": "failed"})
    assert [(one.action, one.detail) for one in library.history("balance")][1:] == [("marked", "it fell")]


def test_a_rollback_holds_until_a_version_is_verified(library, store):
    store()
    store(run_id="run-1")
    library.roll_back("balance@1")
    store(run_id="run-2", status="failed")
    assert library.get("balance").version == 1
    store(run_id="run-3")
    assert library.get("balance").version == 4


def test_a_retired_version_is_no_longer_meant(library, store):
    store()
    store(run_id="run-1")
    library.retire("balance", "worse")
    assert library.get("balance").version == 1


def test_a_skill_that_is_needed_is_retired_by_force_only(library, store):
    store()
    store(name="both", dependencies=("balance@1",))
    with pytest.raises(ConfigError, match="needed by both@1"):
        library.retire("balance@1", "worse")
    assert library.retire("balance@1", "worse", force=True).status == "retired"


def test_a_dependency_must_exist(library, store):
    with pytest.raises(NotFound):
        store(dependencies=("nothing@1",))
    assert library.list() == []


def test_an_old_name_goes_on_meaning_the_skill(library, store):
    store()
    store(name="both", dependencies=("balance@1",))
    library.rename("balance", "upright")
    assert library.get("balance@1").reference == "upright@1"
    assert [one.name for one in library.dependents("upright@1")] == ["both"]
    assert store(run_id="run-1").reference == "upright@2"
    assert len(library.history("upright")) == 3


def test_a_name_that_is_taken_is_refused(library, store):
    store()
    store(name="other")
    with pytest.raises(ConfigError, match="choose another"):
        library.rename("balance", "other")


def test_words_find_a_skill_within_its_world_only(library, store):
    store(description="Balances the pole upright.")
    assert library.search(Query(text="balancing poles"))[0].skill.name == "balance"
    assert library.search(Query(text="balancing poles", env_id="box2d/LunarLander-v3")) == []
    assert library.search(Query(text="pole", env_id="classic_control/CartPole-v1"))


@pytest.mark.parametrize("text", ['"', "' OR 1 --", "NEAR(a b)", "*", "🤖 pole", "平稳", "a" * 5000, "name:x"])
def test_any_text_may_be_searched(library, store, text):
    store()
    assert isinstance(library.search(Query(text=text)), list)
