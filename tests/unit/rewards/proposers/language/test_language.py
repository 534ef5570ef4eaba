"""The proposer against a loopback model: every reply becomes a program or a reason."""

import json

import pytest

from skillwright.core import BudgetExceeded, Home, ModelUnavailable
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import find_card
from skillwright.llm import Ledger, Limits
from skillwright.llm.asking import Asker, AskSettings
from skillwright.llm.langchain_model import Abilities, LangChainModel
from skillwright.rewards.proposers import ProposerView, Refusal
from skillwright.rewards.proposers.language import LLMProposer
from skillwright.rewards.proposers.language.authors import Authors
from skillwright.rewards.records import Program

from .....integration.model_server import ModelServer, fails, says
from .....integration.reward_writer import RewardWriter
from ...generations import candidate, generation

CARD = find_card("CartPole-v1")
SOURCE = "def reward(s, a, n):\n    return {'up': np.cos(n.angle)}\n"
GOOD = json.dumps({"rationale": "Upright.", "source": SOURCE})


class NoPrices:
    def price_of(self, model):
        return None


@pytest.fixture
def server():
    with ModelServer() as server:
        server.otherwise = says(*[GOOD] * 16)
        yield server


@pytest.fixture
def proposer(home, server):
    journal = Journal(Database.open(Home.open(home)))
    steps = Steps(journal, journal.start_run(kind="test", config=Program(source=""), seed=0).id)
    heard = []

    def make(*names, limits=None, **abilities):
        ledger = Ledger(prices=NoPrices(), limits=limits or Limits())
        askers = {
            name: Asker(
                model=LangChainModel(
                    spec=name, provider="openai", model=name, base_url=server.url, abilities=Abilities(**abilities)
                ),
                steps=steps,
                ledger=ledger,
                settings=AskSettings(timeout_s=20.0),
                said=heard.append,
            )
            for name in names
        }
        return LLMProposer(Authors(askers=askers, steps=steps, seed=0))

    make.heard = heard
    return make


def view(*history, refused=()):
    return ProposerView(card=CARD, task_text="Balance the pole.", history=history, refused=refused)


FIRST = generation(
    *[(candidate(f"g0-c{i:02d}", source=SOURCE.replace("np.cos", f"{i} * np.cos")), i / 8) for i in range(8)]
)


def prompts(server):
    return ["\n".join(str(message["content"]) for message in body["messages"]) for body in server.requests]


def test_the_first_generation_is_asked_for_at_once_and_says_who_wrote_it(proposer, server):
    made = proposer("tiny", n=True).propose(view(), 4, seed=1)
    assert len(server.requests) == 1 and server.requests[0]["n"] == 4
    assert [(one.operator, one.author, one.rationale) for one in made] == [("fresh", "tiny", "Upright.")] * 4
    assert made[0].program.source == SOURCE


def test_the_prompt_shows_the_card_and_neither_judge_nor_reference(proposer, server):
    proposer("tiny").propose(view(), 1, seed=1)
    [prompt] = prompts(server)
    assert "Balance the pole." in prompt and "`angular_velocity`" in prompt
    task = CARD.tasks["balance"]
    assert task.fitness.strip().splitlines()[-1].strip() not in prompt
    assert "def success" not in prompt and "def fitness" not in prompt


def test_a_program_outside_the_language_goes_back_with_the_reason(proposer, server):
    server.play(says(json.dumps({"rationale": "x", "source": "import os\ndef reward(s, a, n):\n    return {}\n"})))
    [made] = proposer("tiny").propose(view(), 1, seed=1)
    assert made.program.source == SOURCE
    assert "import os" in prompts(server)[1] and "line 1" in prompts(server)[1]


def test_every_refusal_is_given_back_for_repair(proposer, server):
    refused = [
        Refusal(candidate(f"g0-c{i:02d}", author="tiny"), f"line {i}: ZeroDivisionError number {i}") for i in range(3)
    ]
    made = proposer("tiny").propose(view(refused=refused), 3, seed=1)
    assert [one.operator for one in made] == ["repair"] * 3
    for i in range(3):
        assert any(f"ZeroDivisionError number {i}" in prompt for prompt in prompts(server))


def test_what_another_proposer_wrote_is_not_repaired(proposer, server):
    refused = [Refusal(candidate("g0-c00", author="search"), "no")]
    [made] = proposer("tiny").propose(view(refused=refused), 1, seed=1)
    assert made.operator == "fresh"


def test_later_generations_use_all_operators(proposer, server):
    made = proposer("tiny", n=True).propose(view(FIRST), 40, seed=1)
    assert {one.operator for one in made} == {"fresh", "rewrite", "mutate", "crossover", "reweigh"}
    assert len(made) == 40


def test_the_same_seed_asks_the_same_questions(proposer, server):
    proposer("tiny", n=True).propose(view(FIRST), 12, seed=3)
    first = sorted(prompts(server))
    server.requests.clear()
    proposer("tiny", n=True).propose(view(FIRST), 12, seed=3)
    assert server.requests == []  # all of it was in the journal
    proposer("tiny", n=True).propose(view(FIRST), 12, seed=4)
    assert sorted(prompts(server)) != first


def test_samples_that_fail_leave_the_others_and_say_why(proposer, server):
    server.otherwise = RewardWriter()
    made = proposer("tiny", n=True).propose(view(), 16, seed=1)
    assert 8 <= len(made) <= 16
    assert len(made) == 16 or any("sample" in line for line in proposer.heard)


def test_if_no_sample_comes_the_reason_is_raised(proposer, server):
    server.otherwise = fails(401, "bad key")
    with pytest.raises(ModelUnavailable, match="401"):
        proposer("tiny").propose(view(), 2, seed=1)


def test_a_limit_stops_before_the_first_question(proposer, server):
    with pytest.raises(BudgetExceeded):
        proposer("tiny", limits=Limits(max_tokens=100)).propose(view(), 2, seed=1)
    assert server.requests == []


def test_several_models_share_the_samples_of_one_question(proposer, server):
    made = proposer("tiny", "other", n=True).propose(view(), 24, seed=1)
    assert {one.author for one in made} == {"tiny", "other"} and len(made) == 24


def test_a_question_that_is_asked_again_later_gets_other_replies(proposer, server):
    asked = proposer("tiny")
    asked.propose(view(), 2, seed=1)
    asked.propose(view().once_more(1, ()), 2, seed=2)
    asked.propose(view(FIRST), 4, seed=3)
    asked.propose(view(FIRST, generation((candidate("g1-c00", source=SOURCE), 0.0))), 4, seed=3)
    seeds = [body["seed"] for body in server.requests]
    assert len(set(seeds)) == len(seeds) >= 8
