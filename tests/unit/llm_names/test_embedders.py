"""What every embedder must keep, over all that run here."""

import numpy as np
import pytest

from skillwright.core.errors import ConfigError, NotFound
from skillwright.llm.embeddings import make_embedder

TEXTS = ["open the drawer", "land softly", "", "walk to the flags. " * 40, "land softly"]


@pytest.fixture(params=["none", "served", "local"])
def embedder(request):
    if request.param == "none":
        return make_embedder("none")
    if request.param == "served":
        return make_embedder(f"vllm:m@{request.getfixturevalue('embedding_server').url}")
    return make_embedder(f"local:{request.getfixturevalue('sentence_folder')}")


def test_there_is_one_vector_per_text_in_float32(embedder):
    vectors = embedder.embed(TEXTS)
    assert (vectors.shape[0], vectors.ndim, vectors.dtype) == (len(TEXTS), 2, np.float32)


def test_vectors_have_length_1_where_they_have_numbers(embedder):
    vectors = embedder.embed(TEXTS)
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.allclose(lengths, 1.0 if vectors.shape[1] else 0.0, atol=1e-5)


def test_the_order_is_that_of_the_texts(embedder):
    assert np.allclose(embedder.embed(TEXTS)[::-1], embedder.embed(TEXTS[::-1]), atol=1e-5)


def test_a_text_has_the_same_vector_beside_any_others(embedder):
    together = embedder.embed(TEXTS)
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)


def test_different_texts_have_different_vectors_unless_there_is_no_embedder(embedder):
    first, second = embedder.embed(TEXTS[:2])
    assert embedder.spec == "none" or first @ second < 0.999


def test_no_texts_give_no_vectors(embedder):
    assert embedder.embed([]).shape[0] == 0


def test_it_says_what_it_is(embedder):
    assert embedder.description
    assert make_embedder(embedder.spec).spec == embedder.spec


def test_without_an_embedder_it_is_said_plainly_and_all_similarities_are_0():
    nothing = make_embedder("none")
    vectors = nothing.embed(TEXTS)
    assert "by their words alone" in nothing.description
    assert np.array_equal(vectors @ vectors.T, np.zeros((5, 5)))


@pytest.mark.parametrize("name", ["anthropic:claude", "replay:a.jsonl", "local:"])
def test_what_is_no_embedder_is_answered_with_what_would_be(name):
    with pytest.raises(ConfigError, match=r"openai:MODEL .*local:FOLDER"):
        make_embedder(name)


def test_an_unknown_provider_is_answered_with_a_close_one():
    with pytest.raises(NotFound, match="did you mean 'openai'"):
        make_embedder("opena:m")
