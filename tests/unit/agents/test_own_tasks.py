"""Who must confirm what a model understood, and under which name it is kept."""

import pytest

from skillwright.agents.acquiring import Workshop
from skillwright.agents.beginning import begin_run
from skillwright.agents.crew import Crew
from skillwright.agents.own_tasks import settle_own_task
from skillwright.agents.person import NOBODY
from skillwright.agents.settled import Settled
from skillwright.compute import LocalExecutor
from skillwright.core import ArtifactStore, ConfigError, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.rewards.proposers.search import SearchProposer
from skillwright.skills.library import Library

from ...integration.model_server import ModelServer
from ...integration.reward_writer import JUDGES, RewardWriter
from .conftest import Listener, request

TEXT = "Keep the cart left of the middle"


class Reader(Listener):
    """Hears models write, and keeps nothing of it."""

    def heard(self, piece):
        pass


class Present:
    """A person who always answers the same."""

    def __init__(self, answer):
        self.answer = answer
        self.seen = []

    def confirms(self, text):
        self.seen.append(text)
        return self.answer

    def comments(self, text, video):
        return ""


@pytest.fixture
def server():
    with ModelServer() as server:
        server.otherwise = RewardWriter()
        yield server


@pytest.fixture
def settle(home, server, small_project, monkeypatch):
    """Begins a run and has its task settled."""
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(small_project))
    opened = Home.open(home)
    database, artifacts, observer = Database.open(opened), ArtifactStore(opened.artifacts), Reader()
    journal = Journal(database)

    def made(person=NOBODY, **changes):
        asked = request(**{"text": TEXT, "is_own_task": True, "model": f"vllm:tiny@{server.url}", **changes})
        run = journal.run(begin_run(opened, asked))
        settled = run.read_config(Settled)
        workshop = Workshop(
            home=opened, artifacts=artifacts, library=Library(database, artifacts), proposer=SearchProposer(),
            executor=LocalExecutor(1), observer=observer, person=person,
            crew=Crew(settled.request, settled.roles, opened, Steps(journal, run.id), observer),
        )  # fmt: skip
        return settle_own_task(settled, workshop)

    made.lines = observer.lines
    return made


def test_a_person_sees_the_words_and_the_programs_and_confirms_them(settle):
    person = Present(True)
    task = settle(person)
    [seen] = person.seen
    assert seen == task.described()
    assert [part for part in JUDGES.values() if part.strip() not in seen] == []
    assert task.text == TEXT


def test_what_a_person_declines_ends_the_run_with_advice(settle):
    with pytest.raises(ConfigError, match="the task was not confirmed; say it in other words"):
        settle(Present(False))


def test_where_nobody_is_the_programs_are_shown_with_the_way_out(settle):
    with pytest.raises(ConfigError, match="say --yes") as caught:
        settle()
    assert JUDGES["success"].strip() in str(caught.value)


def test_what_is_confirmed_beforehand_is_shown_and_nobody_is_asked(settle):
    person = Present(False)
    task = settle(person, is_confirmed=True)
    assert person.seen == []
    assert "\n".join(settle.lines).endswith(task.described())


def test_it_is_said_who_writes_the_judges(settle, server):
    settle(Present(True))
    assert settle.lines[0] == f"vllm:tiny@{server.url} writes down how the task is judged."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (TEXT, "keep_the_cart_left_of_the_middle"),
        ("Balance!", "balance_again"),
        ("360 degrees to the left", "task_360_degrees_to_the_left"),
    ],
)
def test_the_task_gets_a_name_that_its_world_has_not(settle, text, name):
    assert settle(Present(True), text=text).name == name
