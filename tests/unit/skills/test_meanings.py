import threading

import numpy as np
import pytest

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.errors import ModelUnavailable
from skillwright.core.home import Home
from skillwright.llm.embeddings import NoEmbedder, make_embedder
from skillwright.skills.library import Library
from skillwright.skills.searching import Query

from ...sample_skill import LINEAGE, sample_skill
from ..llm_names.conftest import EmbeddingServer

NUM_SKILLS = 600
"""Three batches."""


class BreaksOff(EmbeddingServer):
    """Refuses every request after so many."""

    most: int | None = None

    def finish_request(self, request, client_address):
        if self.most is not None and len(self.batches) >= self.most:
            self.status = 400
        super().finish_request(request, client_address)


@pytest.fixture
def server():
    with BreaksOff() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def embedder(server):
    return make_embedder(f"vllm:m@{server.url}")


@pytest.fixture
def database(home):
    return Database.open(Home.open())


@pytest.fixture
def library(database):
    return Library(database, ArtifactStore(Home.open().artifacts))


@pytest.fixture
def many(library):
    artifacts = ArtifactStore(Home.open().artifacts)
    for index in range(NUM_SKILLS):
        lineage = LINEAGE.model_copy(update={"run_id": f"run-{index}"})
        library.store(sample_skill(artifacts, name=f"skill-{index}", lineage=lineage, description=f"does {index}"))


def num_vectors(database):
    with database.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM skill_vectors").scalar()


def test_all_new_skills_are_embedded_in_batches_by_a_server(library, many, server, embedder, database):
    assert library.num_without_meaning(embedder) == NUM_SKILLS
    heard = []
    assert library.embed(embedder, lambda *done: heard.append(done)) == NUM_SKILLS
    assert heard == [(256, 600), (512, 600), (600, 600)]
    assert [len(batch) for batch in server.batches] == [256, 256, 88]
    assert library.num_without_meaning(embedder) == 0
    assert num_vectors(database) == NUM_SKILLS


def test_what_is_embedded_is_not_embedded_again(library, many, server, embedder):
    library.embed(embedder)
    assert library.embed(embedder) == 0
    assert len(server.batches) == 3


def test_a_server_that_fails_midway_keeps_what_is_done_and_goes_on_from_there(library, many, server, embedder):
    server.most = 1
    with pytest.raises(ModelUnavailable) as caught:
        library.embed(embedder)
    assert caught.value.__notes__ == ["256 of 600 skills have been embedded and stay so; again goes on from there."]
    server.most, server.status = None, 200
    server.batches.clear()
    assert library.embed(embedder) == NUM_SKILLS - 256
    assert [len(batch) for batch in server.batches] == [256, 88]


def test_a_search_with_a_server_finds_the_skill_whose_words_mean_the_same_to_it(library, many, embedder):
    wanted = "does 123 balance [the] pole balance"
    assert library.search(Query(text=wanted, embedder=embedder))[0].skill.name == "skill-123"


def test_an_embedder_that_knows_nothing_of_meaning_leaves_no_vectors(library, many, database):
    assert library.embed(NoEmbedder()) == 0
    assert num_vectors(database) == 0


def test_a_skill_renamed_while_it_was_embedded_is_embedded_under_its_new_name(library, many, database):
    class Renames:
        spec = "renames"

        def embed(self, texts):
            if len(library.history("skill-7")) == 1:
                library.rename("skill-7", "skill-seven")
            return np.ones((len(texts), 1), np.float32)

    library.embed(Renames())
    assert num_vectors(database) == NUM_SKILLS - 1
    assert library.embed(Renames()) == 1
    assert num_vectors(database) == NUM_SKILLS
