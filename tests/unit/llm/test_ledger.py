import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from skillwright.core import BudgetExceeded, ConfigError
from skillwright.llm.chat import Message, Question, Usage
from skillwright.llm.ledger import Ledger, Limits, Price, bound_usage
from skillwright.llm.prices import PriceList

SPEC = "openai:tiny"
PRICE = Price(prompt_usd_per_million=1.0, completion_usd_per_million=10.0, date="2026-01-31")


class Prices:
    def price_of(self, model):
        return PRICE if model == SPEC else None


def usage(prompt, completion, **more):
    return Usage(prompt_tokens=prompt, completion_tokens=completion, **more)


def spend(ledger, role, used, *, model=SPEC, bound=None, may_cost=True):
    return ledger.settle(ledger.hold(role, model, bound or usage(100, 100)), used, may_cost=may_cost)


def test_tokens_and_money_are_counted_per_role_and_model():
    ledger = Ledger(prices=Prices())
    spend(ledger, "planner", usage(1000, 100))
    spend(ledger, "coder", usage(2000, 300))
    spend(ledger, "coder", usage(1, 1), model="other:free")
    assert ledger.spending(role="coder", model=SPEC).usd == pytest.approx(0.002 + 0.003)
    assert ledger.spending().tokens == 3402
    assert list(ledger.by_role_and_model()) == [("planner", SPEC), ("coder", SPEC), ("coder", "other:free")]


def test_money_of_unknown_price_is_said_and_not_in_the_sum():
    ledger = Ledger(prices=Prices())
    spend(ledger, "planner", usage(1000, 100))
    spend(ledger, "planner", usage(1000, 100), model="other:m")
    assert ledger.spending().described() == "2 requests, 2,200 tokens, $0.0020 + 1 of unknown price"


def test_a_request_that_cost_nothing_is_no_entry():
    ledger = Ledger(prices=Prices())
    assert spend(ledger, "planner", None, may_cost=False) is None
    assert ledger.spending().num_requests == 0


def test_a_request_without_a_count_is_said_and_held_against_the_limit():
    ledger = Ledger(prices=Prices(), limits=Limits(max_tokens=500))
    spend(ledger, "planner", None, bound=usage(100, 200))
    assert ledger.spending().tokens == 0
    assert "1 ended without a count: up to 300 tokens more" in ledger.spending().described()
    ledger.hold("planner", SPEC, usage(100, 100))
    with pytest.raises(BudgetExceeded, match="0 tokens spent, and up to 500 tokens for requests without a count yet"):
        ledger.hold("planner", SPEC, usage(1, 0))


def test_money_of_requests_without_a_count_is_held_against_the_limit():
    ledger = Ledger(prices=Prices(), limits=Limits(max_usd=0.0025))
    spend(ledger, "planner", None, bound=usage(0, 200))
    with pytest.raises(BudgetExceeded, match=r"limit of \$0.0025: \$0.0000 spent, and up to \$0.0020"):
        ledger.hold("planner", SPEC, usage(0, 100))


def test_a_limit_can_be_used_up_to_its_last_token():
    ledger = Ledger(prices=Prices(), limits=Limits(max_tokens=300))
    spend(ledger, "planner", usage(100, 50))
    ledger.hold("planner", SPEC, usage(100, 50))


def test_what_a_finished_request_did_not_use_is_free_again():
    ledger = Ledger(prices=Prices(), limits=Limits(max_tokens=200))
    for _ in range(5):
        spend(ledger, "planner", usage(10, 10), bound=usage(50, 50))
    assert ledger.spending().tokens == 100


def test_a_limit_of_a_role_holds_for_that_role_only():
    ledger = Ledger(prices=Prices(), role_limits={"coder": Limits(max_tokens=150)})
    spend(ledger, "planner", usage(100, 100))
    with pytest.raises(BudgetExceeded, match="limit of the role 'coder' of 150 tokens"):
        ledger.hold("coder", SPEC, usage(100, 100))


@pytest.mark.parametrize(
    "limited",
    [
        Ledger(prices=Prices(), limits=Limits(max_tokens=1000)),
        Ledger(prices=Prices(), limits=Limits(max_usd=0.0056)),
        Ledger(prices=Prices(), role_limits={"coder": Limits(max_tokens=1000)}),
        Ledger(prices=Prices(), role_limits={"coder": Limits(max_usd=0.0056)}),
    ],
    ids=["tokens", "money", "tokens of a role", "money of a role"],
)
def test_requests_of_many_threads_are_refused_before_they_could_pass_a_limit_together(limited):
    all_hold = threading.Barrier(20)

    def try_one(_):
        all_hold.wait()
        try:
            return limited.hold("coder", SPEC, usage(50, 50))  # 100 tokens, $0.00055
        except BudgetExceeded:
            return None

    with ThreadPoolExecutor(20) as pool:
        held = [charge for charge in pool.map(try_one, range(20)) if charge]
    assert len(held) == 10
    for charge in held:
        limited.settle(charge, usage(10, 10), may_cost=True)
    assert limited.spending(role="coder").tokens == 200
    limited.hold("coder", SPEC, usage(50, 50))


def test_a_role_is_told_where_its_budget_stands():
    ledger = Ledger(prices=Prices(), role_limits={"coder": Limits(max_tokens=150)})
    with pytest.raises(BudgetExceeded, match=r"budget \(max_tokens\) in the agent profile"):
        ledger.hold("coder", SPEC, usage(100, 100))


def test_a_limit_of_money_refuses_a_model_of_unknown_price_and_says_the_line_to_add(tmp_path, monkeypatch):
    ledger = Ledger(prices=Prices(), limits=Limits(max_usd=1.0))
    with pytest.raises(
        ConfigError, match=r"price of other:m is not known.*--max-tokens.*agents/prices\.yaml"
    ) as caught:
        ledger.hold("coder", "other:m", usage(1, 1))
    (tmp_path / "agents").mkdir()
    line = re.search(r'"other:m": \{.*?\}', str(caught.value))[0]
    (tmp_path / "agents" / "prices.yaml").write_text(f"prices:\n  {line}\n")
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path))
    Ledger(prices=PriceList.read(), limits=Limits(max_usd=1.0)).hold("coder", "other:m", usage(1, 1))


@pytest.mark.parametrize("text", ["def f(x):\n    return {'a': -x[0] ** 2}\n" * 20, "Lande sanft. " * 50, "着陆" * 200])
def test_the_bound_of_a_request_is_above_what_tokenizers_make_of_it(text):
    question = Question(messages=(Message(role="user", text=text),), max_tokens=50)
    bound = bound_usage(question, 3)
    assert bound.completion_tokens == 150
    assert bound.prompt_tokens >= len(text) // 2  # the densest of these scripts has about one token per character
