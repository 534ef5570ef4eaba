import numpy as np
import pytest

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import ConfigError
from skillwright.core.home import Home
from skillwright.skills.library import Library
from skillwright.skills.searching import Query

from ...sample_skill import LINEAGE, sample_skill

NASTY = [
    '"',
    '""" pole',
    "pole)",
    "((pole",
    "pole AND",
    "OR OR pole",
    "NOT pole",
    "NEAR(pole cart, 3)",
    "*",
    "pol*",
    "^pole",
    "name : pole",
    "{name task} : pole",
    "-pole + cart",
    "' OR 1=1; DROP TABLE skills; --",
    "pole\x00cart",
    ":match %s ? $1",
    "🤖 ⚖️",
    "平稳 着陆",
    "\ud7ff",
    "pole " * 2_000,
    "x" * 10_000,
]


class TwoMeanings:
    """Knows that rocket means lander, and nothing else."""

    spec = "two-meanings"

    def __init__(self):
        self.num_texts = 0

    def embed(self, texts):
        self.num_texts += len(texts)
        flying = ("rocket", "lander")
        rows = [[1.0, 0.0] if any(word in text.lower() for word in flying) else [0.0, 1.0] for text in texts]
        return np.array(rows, np.float32)


@pytest.fixture
def database(home):
    return Database.open(Home.open())


@pytest.fixture
def library(database):
    return Library(database, ArtifactStore(Home.open().artifacts))


@pytest.fixture
def store(library):
    def stored(name, text, **fields):
        lineage = LINEAGE.model_copy(update={"run_id": name, "task_text": text})
        skill = sample_skill(
            ArtifactStore(Home.open().artifacts), name=name, lineage=lineage, description=text, **fields
        )
        return library.store(skill)

    return stored


def names(hits):
    return [hit.skill.name for hit in hits]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_signs_in_a_text_are_not_orders_to_the_database(library, store, text):
    store("balance", "balances the pole on the cart")
    before = library.list()
    found = names(library.search(Query(text=text)))
    assert found == (["balance"] if "pole" in text else [])
    assert library.list() == before


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_is_refused(library, text):
    with pytest.raises(ConfigError, match="say in words"):
        library.search(Query(text=text))


def test_signs_in_a_status_or_a_world_are_not_orders_to_the_database(library, store):
    store("balance", "balances the pole")
    assert library.search(Query(text="pole", statuses=("') OR 1 --",))) == []
    assert library.search(Query(text="pole", env_id='x" OR "pole')) == []


def test_only_the_statuses_asked_for_are_found(library, store):
    store("balance", "balances the pole", status="failed")
    assert library.search(Query(text="pole")) == []
    assert names(library.search(Query(text="pole", statuses=("failed",)))) == ["balance"]


def test_versions_that_are_not_meant_hide_nothing(library, store):
    for index in range(250):
        store("tower", "pole pole pole", env_id=f"test/World{index}-v0")
    store("balance", "a pole among many other words that make it rank low")
    assert sorted(names(library.search(Query(text="pole")))) == ["balance", "tower"]


def test_a_word_of_every_skill_does_not_hide_the_telling_one(library, store, monkeypatch):
    monkeypatch.setattr("skillwright.skills.searching._MOST_ROWS", 3)
    for index in range(6):
        store(f"robot-{index}", "the robot moves")
    store("robot-lands", "the robot lands")
    assert names(library.search(Query(text="robot lands")))[0] == "robot-lands"


def test_an_embedder_finds_what_shares_no_word(library, store):
    store("descend", "brings the lander down")
    store("balance", "keeps the pole upright")
    assert library.search(Query(text="rocket")) == []
    assert names(library.search(Query(text="rocket", embedder=TwoMeanings())))[0] == "descend"


def test_meaning_reorders_what_words_find(library, store):
    store("slow", "a slow cart, slow all the way")
    store("descend", "the lander, slow at last and after many more words than that")
    assert names(library.search(Query(text="slow rocket"))) == ["slow", "descend"]
    hits = library.search(Query(text="slow rocket", embedder=TwoMeanings()))
    assert names(hits) == ["descend", "slow"]
    assert "meaning 1.00" in hits[0].why


def test_vectors_are_kept_as_bytes_and_made_once(library, store, database):
    store("descend", "brings the lander down")
    embedder = TwoMeanings()
    library.search(Query(text="rocket", embedder=embedder))
    library.search(Query(text="rocket", embedder=embedder))
    with database.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, model, typeof(vector), vector FROM skill_vectors").all()
    assert rows == [("descend", "two-meanings", "blob", np.array([1.0, 0.0], "<f4").tobytes())]
    assert embedder.num_texts == 3


def test_a_skill_stored_after_a_search_is_found_by_meaning(library, store):
    store("balance", "keeps the pole upright")
    library.search(Query(text="rocket", embedder=TwoMeanings()))
    store("descend", "brings the lander down")
    assert names(library.search(Query(text="rocket", embedder=TwoMeanings())))[0] == "descend"


def test_the_world_and_the_status_hold_for_meaning_too(library, store):
    store("descend", "brings the lander down", env_id="box2d/LunarLander-v3")
    store("fall", "the lander falls", env_id="box2d/LunarLander-v3", status="failed")
    store("balance", "keeps the pole upright")
    query = Query(text="rocket", env_id="box2d/LunarLander-v3", embedder=TwoMeanings())
    assert names(library.search(query)) == ["descend"]
