import threading

import pytest
from typer.testing import CliRunner

from skillwright.cli.app import app
from skillwright.core.database import Database
from skillwright.core.errors import ModelUnavailable, NotFound
from skillwright.skills.library import Library

from ..llm_names.conftest import EmbeddingServer


@pytest.fixture
def server():
    with EmbeddingServer() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def found(text):
    return [line.split()[0] for line in text.splitlines() if "@" in line]


def test_a_search_finds_a_skill_by_words(command, stored):
    assert found(command("skills", "search", "keep the pole balanced").text) == ["balance-the-pole@2"]


def test_a_search_by_words_alone_says_so(command, stored):
    assert "Compared by words alone; --embeddings SPEC" in command("skills", "search", "pole").text


@pytest.mark.parametrize("world", ["classic_control/CartPole-v1", "CartPole-v1"])
def test_the_world_may_be_said_in_short(command, stored, world):
    assert found(command("skills", "search", "pole", "--env", world).text) == ["balance-the-pole@2"]


def test_a_known_world_without_skills_is_no_mistake(command, stored):
    output = command("skills", "search", "pole", "--env", "Pendulum-v1")
    assert (output.status, "Nothing found." in output.text) == (0, True)


def test_a_world_of_the_library_without_a_card_is_known(command, opened, artifacts, draft):
    Library(Database.open(opened), artifacts).store(draft(env_id="gone/World-v0"))
    assert found(command("skills", "search", "pole", "--env", "gone/World-v0").text) == ["balance-the-pole@1"]


def test_an_unknown_world_is_answered_with_those_that_are_near(command, stored):
    error = command("skills", "search", "pole", "--env", "classic_control/CartPool-v1").error
    assert isinstance(error, NotFound)
    assert "did you mean 'classic_control/CartPole-v1'" in str(error)
    assert "Your library has skills for classic_control/CartPole-v1;" in error.__notes__[0]


def test_a_renaming_says_where_the_old_name_leads(command, stored):
    said = command("skills", "rename", "balance-the-pole", "hold-the-pole").text
    assert said == "balance-the-pole is called hold-the-pole now. The old name still leads there.\n"
    assert "hold-the-pole@2" in command("skills", "show", "balance-the-pole").text


def test_the_first_search_with_an_embedder_says_what_it_does_and_the_second_does_not(stored, server, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_EMBEDDINGS", f"vllm:m@{server.url}")
    first, second = (CliRunner().invoke(app, ["skills", "search", "pole"]) for _ in range(2))
    assert found(first.stdout) == found(second.stdout) == ["balance-the-pole@2"]
    assert f"Embedding 1 skill that vllm:m@{server.url} has not seen, once: embeddings of m from" in first.stderr
    assert "texts are sent there" in first.stderr
    assert second.stderr == ""


def test_an_embedder_that_does_not_answer_is_an_error_that_says_what_is_kept(command, stored, server):
    server.status = 400
    error = command("skills", "search", "pole", "--embeddings", f"vllm:m@{server.url}").error
    assert isinstance(error, ModelUnavailable)
    assert error.__notes__ == ["0 of 1 skills have been embedded and stay so; again goes on from there."]
