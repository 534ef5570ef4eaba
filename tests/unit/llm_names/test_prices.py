from datetime import date

import pytest

from skillwright.core.errors import ConfigError
from skillwright.llm.chat import Usage
from skillwright.llm.prices import PriceList
from skillwright.llm.spec import parse_spec

OWN = """\
prices:
  openai:gpt-4o: {input: 99, output: 100, as_of: 2026-01-01, source: ours}
  "vllm:*": {input: 0, output: 0, as_of: 2026-01-01, source: our machine}
  "vllm:big*": {input: 1, output: 2, as_of: 2026-01-01, source: our machine}
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    folder = tmp_path / "project" / "agents"
    folder.mkdir(parents=True)
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(folder.parent))
    path = folder / "prices.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_every_built_in_price_is_of_a_model_that_can_be_named_and_has_its_source():
    listed = PriceList.read().listed
    assert len(listed) > 20
    assert [name for name in listed if str(parse_spec(name)) != name] == []
    assert [name for name, price in listed.items() if not price.source or price.as_of > date.today()] == []


def test_a_reply_costs_more_than_a_question_at_every_built_in_price():
    assert [name for name, price in PriceList.read().listed.items() if not 0 < price.input < price.output] == []


def test_a_listed_price_is_per_million_tokens_and_has_its_date():
    price = PriceList.read().price_of("openai:gpt-4o-mini")
    assert price.date == "2024-07-18"
    assert price.cost_usd(Usage(prompt_tokens=2_000_000, completion_tokens=1_000_000)) == pytest.approx(0.9)


@pytest.mark.parametrize("name", ["openai:gpt-99", "openai:gpt-4", "vllm:m@http://localhost:8000/v1", "ollama:m"])
def test_a_price_nobody_listed_is_not_known(name):
    assert PriceList.read().price_of(name) is None


@pytest.mark.parametrize("name", ["none", "replay:a.jsonl"])
def test_what_asks_nobody_is_free_for_sure(name):
    price = PriceList.read().price_of(name)
    assert (price.prompt_usd_per_million, price.completion_usd_per_million) == (0, 0)


def test_a_persons_own_prices_are_added_and_win(own):
    prices = PriceList.read()
    assert prices.find("openai:gpt-4o").input == 99
    assert prices.find("openai:gpt-4o-mini").input == 0.15


def test_the_longest_beginning_counts(own):
    prices = PriceList.read()
    assert prices.find("vllm:big@http://h/v1").output == 2
    assert prices.find("vllm:small@http://h/v1").output == 0


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("output: 100", "ouput: 100", 2, "has no key 'ouput'; did you mean 'output'?"),
        ("input: 1,", "input: -1,", 4, "greater than or equal to 0"),
        ("2026-01-01, source: ours", "soon, source: ours", 2, "as_of"),
        ("vllm:big*", "vllm:*big*", 1, "at most one * at its end"),
        ("openai:gpt-4o:", "gpt-4o:", 1, "'gpt-4o' is no PROVIDER:MODEL"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(own, old, new, line, said):
    assert OWN.count(old) == 1
    own.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        PriceList.read()
    assert str(caught.value).startswith(f"{own}:{line}: ")
    assert said in str(caught.value)
