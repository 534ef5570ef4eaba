import numpy as np
import pytest

from skillwright.core.errors import ModelUnavailable
from skillwright.llm.embeddings import make_embedder

CANARY = "sk-canary-0123456789abcdef"


def served(server):
    return make_embedder(f"vllm:m@{server.url}")


def test_many_texts_go_in_several_requests_and_come_back_in_order(embedding_server):
    texts = [f"text {k}" for k in range(600)]
    vectors = served(embedding_server).embed(texts)
    assert [len(batch) for batch in embedding_server.batches] == [256, 256, 88]
    assert np.allclose(vectors[599], served(embedding_server).embed(["text 599"])[0])


def test_no_request_is_made_for_no_texts(embedding_server):
    served(embedding_server).embed([])
    assert embedding_server.batches == []


def test_the_servers_own_key_is_sent_and_no_other(embedding_server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    served(embedding_server).embed(["a"])
    monkeypatch.setenv(f"SKILLWRIGHT_KEY_127_0_0_1_{embedding_server.server_port}", "of this server")
    served(embedding_server).embed(["a"])
    assert embedding_server.authorization == ["Bearer none", "Bearer of this server"]


def test_openai_without_a_key_is_refused_with_what_to_set(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="set OPENAI_API_KEY"):
        make_embedder("openai:text-embedding-3-small").embed(["a"])


def test_a_server_that_repeats_the_key_in_its_error_does_not_bring_it_out(embedding_server, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_KEY_127_0_0_1", CANARY)
    embedding_server.status = 401
    embedding_server.body = {"error": {"message": f"the key {CANARY} is wrong"}}
    with pytest.raises(ModelUnavailable) as caught:
        served(embedding_server).embed(["a"])
    assert "the key [key] is wrong" in str(caught.value)
    assert CANARY not in repr(caught.value)


def entries(*vectors):
    data = [{"object": "embedding", "index": k, "embedding": vector} for k, vector in enumerate(vectors)]
    return {"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (entries([1.0]), "sent 1 vectors for 2 texts"),
        (entries([1.0], [1.0, 2.0]), "different lengths"),
        (entries([0.0], [1.0]), "no direction"),
        (entries([float("nan")], [1.0]), "no direction"),
        (entries([], []), "no direction"),
        ({"data": None}, "gave no embeddings"),
        ({}, "gave no embeddings"),
        ("<html>", "gave no embeddings"),
        (entries(["a"], ["b"]), "gave no embeddings"),
        (entries(None, None), "gave no embeddings"),
    ],
)
def test_an_answer_that_is_no_list_of_vectors_is_refused(embedding_server, body, said):
    embedding_server.body = body
    with pytest.raises(ModelUnavailable, match=said):
        served(embedding_server).embed(["a", "b"])


def test_a_server_that_is_not_there_is_said_so_with_what_to_look_at():
    with pytest.raises(ModelUnavailable, match=r"is the server running.*SKILLWRIGHT_KEY_127_0_0_1_9"):
        make_embedder("vllm:m@http://127.0.0.1:9/v1").embed(["a"])
