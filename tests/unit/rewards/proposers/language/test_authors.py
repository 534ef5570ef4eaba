"""Who writes the next proposals: whoever wins, for what it costs; and the journal remembers the choice."""

from types import SimpleNamespace

import pytest

from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm import Ledger, Price, Usage
from skillwright.llm.ledger import Charge
from skillwright.rewards.proposers.language.authors import ROLE, Authors
from skillwright.rewards.records import Program

from ...generations import candidate, generation


class Prices:
    def __init__(self, **usd):
        self.usd = usd

    def price_of(self, model):
        usd = self.usd.get(model)
        return (
            None
            if usd is None
            else Price(prompt_usd_per_million=usd, completion_usd_per_million=usd, date="2026-01-01")
        )


@pytest.fixture
def steps(home):
    journal = Journal(Database.open(Home.open(home)))
    return Steps(journal, journal.start_run(kind="test", config=Program(source=""), seed=0).id)


def authors(steps, *names, **usd):
    ledger = Ledger(prices=Prices(**usd))
    return Authors(askers={name: SimpleNamespace(ledger=ledger) for name in names}, steps=steps, seed=0), ledger


def a_generation(index, winner, loser):
    """Half of the candidates by each model; those of the winner are better."""
    members = [(candidate(f"g{index}-c{i:02d}", author=(winner, loser)[i % 2]), 1.0 - 0.5 * (i % 2)) for i in range(8)]
    return generation(*members)


def test_a_single_model_writes_everything(steps):
    one, _ = authors(steps, "one")
    assert one.choose(3, [], round_seed=1) == ["one"] * 3


def test_in_the_beginning_all_models_of_one_price_get_work(steps):
    both, _ = authors(steps, "one", "two", one=1.0, two=1.0)
    assert set(both.choose(40, [], round_seed=1)) == {"one", "two"}


def test_the_model_whose_proposals_win_gets_more_work(steps):
    both, _ = authors(steps, "one", "two", one=1.0, two=1.0)
    chosen = both.choose(100, [a_generation(i, "one", "two") for i in range(4)], round_seed=1)
    assert chosen.count("one") > 80


def test_a_dear_model_that_wins_no_more_gets_less_work(steps):
    both, ledger = authors(steps, "cheap", "dear", cheap=0.1, dear=100.0)
    usage = Usage(prompt_tokens=10_000, completion_tokens=5_000)
    for model in ("cheap", "dear"):
        usd = both.askers[model].ledger.prices.price_of(model).cost_usd(usage)
        ledger.enter(Charge(role=ROLE, model=model, usage=usage, usd=usd, bound=usage))
    chosen = both.choose(100, [a_generation(0, "cheap", "dear"), a_generation(1, "dear", "cheap")], round_seed=1)
    assert chosen.count("cheap") > 80


def test_what_was_chosen_once_stands_whatever_has_been_spent_since(steps):
    both, ledger = authors(steps, "one", "two", one=1.0, two=1.0)
    before = both.choose(20, [], round_seed=7)
    usage = Usage(prompt_tokens=10**6, completion_tokens=10**6)
    ledger.enter(Charge(role=ROLE, model="one", usage=usage, usd=1000.0, bound=usage))
    history = [a_generation(0, "two", "one")]
    assert both.choose(20, history, round_seed=7) == before
