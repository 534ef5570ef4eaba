"""Who works in a run, with which settings, and on whose account."""

import pytest

from skillwright.agents.crew import Crew, settle_roles
from skillwright.core import ConfigError, Home, ModelUnavailable, NotFound
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm.asking import AskSettings

from ...integration.model_server import ModelServer, says
from .conftest import Listener, request

OPEN = "vllm:tiny@http://127.0.0.1:1/v1"
OTHER = "vllm:other@http://127.0.0.1:1/v1"
PROFILE = f"""
description: Thinks before it asks.
roles:
  rewarder: {{model: "{OPEN}", temperature: 0.25, max_tokens: 77}}
  verifier: {{model: none}}
"""


class Reader(Listener):
    """Keeps what models write, too."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def heard(self, piece: str) -> None:
        self.written.append(piece)


@pytest.fixture
def opened(home) -> Home:
    return Home.open(home)


@pytest.fixture
def steps(opened) -> Steps:
    journal = Journal(Database.open(opened))
    return Steps(journal, journal.start_run(kind="test", config=request(), seed=0).id)


@pytest.fixture
def hire(opened, steps):
    """Makes the crew of a request."""

    def made(**changes) -> Crew:
        asked = request(**changes)
        return Crew(asked, settle_roles(asked, opened), opened, steps, Reader())

    return made


@pytest.fixture
def project(tmp_path, monkeypatch):
    place = tmp_path / "project" / "agents" / "thinker.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(PROFILE, encoding="utf-8")
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path / "project"))


@pytest.fixture
def server():
    with ModelServer() as server:
        server.otherwise = says("hello")
        yield server


def test_without_a_model_nobody_works_and_nothing_is_used(hire):
    crew = hire()
    assert (crew.roles, crew.askers("rewarder"), crew.uses()) == ({}, {}, [])


def test_a_typed_model_fills_every_role(hire):
    crew = hire(model=OPEN)
    assert set(crew.roles) == {"planner", "rewarder", "coder", "verifier", "curriculum"}
    assert {profile.model for profile in crew.roles.values()} == {OPEN}
    assert list(crew.askers("verifier")) == [OPEN]


def test_a_typed_none_empties_every_role(hire, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_MODEL", OPEN)
    assert set(hire().roles) >= {"rewarder"}
    assert hire(model="none").roles == {}


def test_several_models_are_asked_by_their_names(hire):
    askers = hire(model=f"{OPEN},{OTHER}").askers("rewarder")
    assert {name: asker.model.spec for name, asker in askers.items()} == {OPEN: OPEN, OTHER: OTHER}


@pytest.mark.usefixtures("project")
def test_a_profile_fills_the_roles_it_names_with_its_settings(hire):
    crew = hire(profile="thinker", seed=3)
    assert set(crew.roles) == {"rewarder"}
    assert crew.askers("rewarder")[OPEN].settings == AskSettings(temperature=0.25, max_tokens=77, seed=3)


@pytest.mark.usefixtures("project")
def test_the_settings_of_a_profile_hold_for_a_typed_model_too(hire):
    settings = hire(profile="thinker", model=OTHER).askers("rewarder")[OTHER].settings
    assert (settings.temperature, settings.max_tokens) == (0.25, 77)


def test_a_role_without_a_limit_of_its_own_has_the_usual_length(hire, project):
    assert hire(profile="thinker", model=OTHER).askers("planner")[OTHER].settings.max_tokens == AskSettings().max_tokens


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"profile": "defualt"}, NotFound, "did you mean 'default'"),
        ({"model": "opnai:gpt-5"}, NotFound, "did you mean"),
        ({"model": "replay:nowhere.jsonl"}, ConfigError, "nowhere.jsonl cannot be read"),
        ({"model": "openai:gpt-5-mini"}, ModelUnavailable, "OPENAI_API_KEY"),
        ({"model": f"{OPEN},{OPEN}"}, ConfigError, "named twice"),
    ],
)
def test_what_cannot_work_is_refused_before_a_run_begins(hire, changes, error, match, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(error, match=match):
        hire(**changes)


def ask(crew, role, name):
    return crew.askers(role)[name].ask_one("word.md", {}, str, role=role)


@pytest.fixture
def word(tmp_path, monkeypatch):
    """A prompt."""
    place = tmp_path / "words" / "prompts" / "word.md"
    place.parent.mkdir(parents=True)
    place.write_text("Say a word.", encoding="utf-8")
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path / "words"))


@pytest.mark.usefixtures("word")
def test_all_roles_share_one_account_that_tells_them_apart(hire, server):
    name = f"vllm:tiny@{server.url}"
    crew = hire(model=name)
    ask(crew, "rewarder", name)
    ask(crew, "verifier", name)
    uses = crew.uses()
    told = [(use.role, use.model, use.spending.tokens) for use in uses]
    assert told == [("rewarder", name, 15), ("verifier", name, 15)]


@pytest.mark.usefixtures("word")
def test_a_later_sitting_starts_with_what_the_earlier_one_has_spent_and_asks_nothing_again(hire, server):
    name = f"vllm:tiny@{server.url}"
    first = hire(model=name)
    ask(first, "rewarder", name)
    second = hire(model=name)
    assert second.uses() == first.uses() != []
    assert ask(second, "rewarder", name) == "hello"
    assert len(server.requests) == 1


@pytest.mark.usefixtures("word")
def test_what_a_model_writes_reaches_whoever_watches(hire, server):
    name = f"vllm:tiny@{server.url}"
    crew = hire(model=name)
    ask(crew, "rewarder", name)
    assert "".join(crew.observer.written) == "hello"
