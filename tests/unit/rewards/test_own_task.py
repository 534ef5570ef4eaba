"""A task in a person's own words, written down by a loopback model until its judges can tell episodes apart."""

import json

import pytest

from skillwright.core import BudgetExceeded, Home, ModelUnavailable
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import find_card
from skillwright.llm import Ledger, Limits
from skillwright.llm.asking import Asker, AskSettings
from skillwright.llm.langchain_model import LangChainModel
from skillwright.rewards.judge import Judge
from skillwright.rewards.own_task import with_task, write_judges
from skillwright.rewards.records import Program
from skillwright.rewards.screens.recording import record_random_episodes

from ...integration.model_server import ModelServer, says
from ...integration.reward_writer import JUDGES

CARD = find_card("CartPole-v1")
TEXT = "Keep the cart left."
ALWAYS = "def success(s, a, n):\n    return True\n"
CONSTANT = "def fitness(s, a, n):\n    return 3.0\n"
UNKNOWN = "def fitness(s, a, n):\n    return float(n.height.mean())\n"
IMPORTING = "import os\ndef fitness(s, a, n):\n    return 1.0\n"
ENDLESS = "def fitness(s, a, n):\n    return float('nan')\n"


class NoPrices:
    def price_of(self, model):
        return None


@pytest.fixture
def server():
    with ModelServer() as server:
        server.otherwise = says(reply())
        yield server


@pytest.fixture
def write(home, server):
    journal = Journal(Database.open(Home.open(home)))
    steps = Steps(journal, journal.start_run(kind="test", config=Program(source=""), seed=0).id)

    def made(limits=None):
        model = LangChainModel(spec="tiny", provider="openai", model="tiny", base_url=server.url)
        ledger = Ledger(prices=NoPrices(), limits=limits or Limits())
        asker = Asker(model=model, steps=steps, ledger=ledger, settings=AskSettings(timeout_s=20.0))
        return write_judges(CARD, TEXT, "go_left", asker, seed=1)

    return made


def reply(**changes):
    return json.dumps({**JUDGES, **changes})


def told(server, number):
    return "\n".join(str(message["content"]) for message in server.requests[number]["messages"])


def test_judges_that_can_tell_episodes_apart_are_taken_at_once(write, server):
    task = write()
    assert len(server.requests) == 1
    assert (task.name, task.text, task.judges.success) == ("go_left", TEXT, JUDGES["success"])
    assert TEXT in told(server, 0) and "angular_velocity" in told(server, 0)


def test_it_is_put_into_words_with_both_programs_and_what_they_say_of_episodes(write):
    described = write().described()
    for part in JUDGES.values():
        assert part.strip() in described
    assert "of random behaviour 0% succeed; their fitness goes from" in described


def test_it_joins_the_tasks_of_its_world_and_judges_there(write):
    card = with_task(CARD, write())
    assert list(card.tasks) == [*CARD.tasks, "go_left"]
    [episode] = record_random_episodes(CARD, seed=1)[:1]
    [score] = Judge(card, "go_left").score([episode])
    assert score.fitness == pytest.approx(-float(episode.next_observation[:, 0].mean()), rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fitness": CONSTANT}, "fitness is 3 for every one of"),
        ({"success": ALWAYS}, "success is true for 100% of"),
        ({"fitness": UNKNOWN}, "height"),
        ({"fitness": ENDLESS}, "fitness"),
    ],
)
def test_judges_that_cannot_judge_go_back_with_the_reason(write, server, changes, reason):
    server.play(says(reply(**changes)))
    assert write().judges.fitness == JUDGES["fitness"]
    again = told(server, 1)
    [bad] = changes.values()
    assert "This cannot be used" in again and bad.strip() in again
    assert reason in again.partition("This cannot be used")[2]


def test_a_program_that_is_not_in_the_language_goes_back_too(write, server):
    server.play(says(reply(fitness=IMPORTING)))
    assert write().judges.fitness == JUDGES["fitness"]
    assert "import" in str(server.requests[1]["messages"][-1]["content"])


def test_a_model_that_never_gets_it_right_is_given_up_with_the_last_reason(write, server):
    for number in range(8):
        server.play(says(reply(understood=f"Try {number}.", fitness=CONSTANT)))
    with pytest.raises(ModelUnavailable, match=r"in 4 turns; the last reason: fitness is 3 for every .*docs/cards\.md"):
        write()
    assert len(server.requests) == 4


def test_a_limit_below_one_question_is_refused_before_it_is_asked(write, server):
    with pytest.raises(BudgetExceeded):
        write(Limits(max_tokens=100))
    assert server.requests == []
