"""A real vLLM server with a tiny model of random weights: `make test-vllm`, or any server named by ``VLLM_TEST_URL``.

Random weights never write JSON by themselves, so that whatever parses was held to its schema by the server.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

URL = os.environ.get("VLLM_TEST_URL", "")  # read here, as the tests' guards take a person's settings away
KEY = os.environ.get("VLLM_TEST_KEY", "")
pytestmark = [
    pytest.mark.skipif(not URL, reason="VLLM_TEST_URL names no vLLM server; `make test-vllm` starts one"),
    pytest.mark.slow,
]

if URL:
    from skillwright.cli.entry import run_command_line
    from skillwright.core.database import Database
    from skillwright.core.home import Home
    from skillwright.core.journal import Journal
    from skillwright.core.steps import Steps
    from skillwright.llm.asking import Asker, AskSettings
    from skillwright.llm.chat import Message, Question, unheard
    from skillwright.llm.failures import ModelError
    from skillwright.llm.langchain_model import Abilities
    from skillwright.llm.ledger import Ledger, Limits
    from skillwright.llm.models import make_model
    from skillwright.llm.prices import PriceList
    from skillwright.llm.remembering import known_models
    from skillwright.llm.spec import parse_spec

PATIENCE_S = 300.0
SPEC = f"vllm:tiny@{URL}"


class Step(BaseModel):
    """What to do next."""

    verb: Literal["stand", "walk", "jump"]
    times: int = Field(ge=1, le=9)
    limbs: list[Literal["arm", "leg"]] = Field(min_length=1, max_length=2)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    host = re.sub(r"[^A-Z0-9]+", "_", URL.upper().split("//")[1].split("/")[0])
    monkeypatch.setenv(f"SKILLWRIGHT_KEY_{host}", KEY)
    yield


def question(text: str = "What is next?", **fields: object) -> "Question":
    return Question(messages=(Message(role="user", text=text),), **{"temperature": 1.0, "max_tokens": 24, **fields})


def ask(asked, num_samples=1, *, seed=0, stream=None, abilities=None):
    model = make_model(parse_spec(SPEC), abilities=abilities or Abilities())
    return model.ask(asked, num_samples, seed=seed, timeout_s=PATIENCE_S, stream=stream or unheard)


def schema() -> str:
    return json.dumps(Step.model_json_schema(), sort_keys=True)


@pytest.mark.parametrize("seed", range(4))
def test_a_typed_reply_is_held_to_its_schema(seed: int) -> None:
    reply = ask(question(reply_schema=schema(), max_tokens=128), seed=seed).replies[0]
    assert reply.finish == "stop"
    Step.model_validate_json(reply.text)


def test_four_replies_come_in_one_request_and_differ() -> None:
    came = ask(question(), 4)
    assert len({reply.text for reply in came.replies}) == 4
    assert 0 < came.usage.completion_tokens <= 4 * 24
    assert not came.usage.is_estimate


def test_four_typed_replies_come_in_one_request() -> None:
    came = ask(question(reply_schema=schema(), max_tokens=128), 4)
    assert [type(Step.model_validate_json(reply.text)) for reply in came.replies] == [Step] * 4


def test_a_streamed_reply_arrives_in_pieces_and_is_counted() -> None:
    pieces: list[str] = []
    came = ask(question(), stream=pieces.append)
    assert len(pieces) > 1
    assert "".join(pieces) == came.replies[0].text
    assert (came.usage.is_estimate, came.usage.completion_tokens > 0) == (False, True)


def test_a_streamed_reply_is_held_to_its_schema_too() -> None:
    pieces: list[str] = []
    ask(question(reply_schema=schema(), max_tokens=128), stream=pieces.append)
    Step.model_validate_json("".join(pieces))


def test_a_reply_is_cut_at_its_limit() -> None:
    came = ask(question(max_tokens=5))
    assert (came.replies[0].finish, came.usage.completion_tokens) == ("length", 5)


def test_the_same_seed_gives_the_same_reply() -> None:
    first, second, other = (ask(question(), seed=seed).replies[0].text for seed in (1, 1, 2))
    assert first == second != other


def test_a_prompt_longer_than_the_context_is_refused_with_the_servers_reason() -> None:
    with pytest.raises(ModelError) as caught:
        ask(question("long " * 4000))
    assert caught.value.kind == "request"
    assert not caught.value.can_retry


@pytest.mark.skipif(not KEY, reason="the server wants no key")
def test_a_wrong_key_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SKILLWRIGHT_KEY_")]:
        monkeypatch.setenv(name, "sk-canary-0123456789")
    with pytest.raises(ModelError) as caught:
        ask(question())
    assert caught.value.kind == "key"
    assert "canary" not in str(caught.value)


def test_a_run_asks_is_counted_and_pays_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "next.md").write_text("What comes after {{ before }}?")
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path))
    journal = Journal(Database.open(Home.open()))
    run = journal.start_run(kind="ask", config=Step(verb="walk", times=1, limbs=["leg"]), seed=0)

    def sitting() -> tuple[list[Step], Ledger]:
        ledger = Ledger(PriceList.read(), Limits(max_tokens=100_000))
        model = make_model(parse_spec(SPEC))
        settings = AskSettings(max_tokens=128, temperature=1.0, timeout_s=PATIENCE_S)
        asker = Asker(model=model, steps=Steps(journal, run.id), ledger=ledger, settings=settings)
        answers = asker.ask("next.md", {"before": "standing"}, Step, samples=range(3), role="coder")
        return answers.values, ledger

    first, ledger = sitting()
    assert len(first) == 3
    spent = ledger.spending()
    assert (spent.num_requests, spent.num_unpriced, spent.num_estimated) == (1, 1, 0)
    again, ledger = sitting()
    assert again == first
    assert ledger.spending().num_requests == 0


def test_a_check_finds_out_what_the_server_can_do(capfd: pytest.CaptureFixture[str]) -> None:
    status = run_command_line(["models", "check", SPEC, "--json", "--timeout", str(PATIENCE_S)])
    out, err = capfd.readouterr()
    assert status == 0, err
    found = {probe["name"]: probe["answer"] for probe in json.loads(out)["probes"]}
    wanted = ("reachable", "context", "replies", "usage", "samples", "json_schema", "seed", "stream_usage", "speed")
    assert {name: found[name] for name in wanted} == dict.fromkeys(wanted, "yes")
    known = known_models(Home.open())[SPEC]
    assert (known.context_length, known.abilities.n, known.abilities.json_schema) == (2048, True, True)
    assert not KEY or KEY not in out + err


def test_a_listing_shows_the_model_of_the_server(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["models", "list", "--json", "--server", URL]) == 0
    servers = json.loads(capfd.readouterr().out)["servers"]
    assert [model["id"] for row in servers if row["url"] == URL for model in row["models"]] == ["tiny"]
