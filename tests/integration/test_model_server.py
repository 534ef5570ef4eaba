"""A server in every kind of trouble: each ends in the right result or a clear error, with an exact ledger."""

import email.utils
import logging
import threading
import time

import pytest

from skillwright.core import BudgetExceeded, ConfigError, ModelUnavailable
from skillwright.llm.langchain_model import Abilities
from skillwright.llm.ledger import Limits
from skillwright.llm.replay import write_replay
from skillwright.llm.retrying import RetryPolicy

from .model_desk import KEY, UNPRICED, Word, ask, ask_one
from .model_server import (
    drips,
    echoes_the_key,
    fails,
    half_a_reply,
    half_a_stream,
    no_choices,
    refuses,
    resets,
    says,
    silence,
    streams_for_ever,
    truncated_json,
)

pytestmark = pytest.mark.usefixtures("project")


def test_a_typed_reply_is_asked_for_by_schema_and_counted(server, desk):
    asker = desk.asker()
    assert ask_one(asker) == Word(word="hello")
    (request,) = server.requests
    assert request["response_format"]["json_schema"]["schema"]["required"] == ["word"]
    assert request["response_format"]["json_schema"]["strict"] is True
    assert request["messages"][-1]["content"] == "Say one word about time."
    spent = asker.ledger.spending()
    assert (spent.num_requests, spent.prompt_tokens, spent.completion_tokens) == (1, 10, 5)
    assert spent.usd == pytest.approx(20e-6)
    assert desk.rebuilt() == spent


def test_free_text_comes_as_it_is(server, desk):
    server.play(says("Just so."))
    assert ask_one(desk.asker(), str) == "Just so."
    assert "response_format" not in server.requests[0]


TROUBLES = pytest.mark.parametrize(
    ("trouble", "num_uncounted", "num_counted"),
    [
        pytest.param(fails(429), 0, 1, id="429"),
        pytest.param(fails(429, retry_after="0.05"), 0, 1, id="429 with a wait"),
        pytest.param(fails(408), 0, 1, id="408"),
        pytest.param(fails(409), 0, 1, id="409"),
        pytest.param(fails(500), 0, 1, id="500"),
        pytest.param(fails(503), 0, 1, id="503"),
        pytest.param(resets, 1, 1, id="reset"),
        pytest.param(half_a_reply, 1, 1, id="half a reply"),
        pytest.param(truncated_json, 1, 1, id="truncated JSON"),
        pytest.param(silence, 1, 1, id="time-out"),
        pytest.param(no_choices, 0, 2, id="no choices, but tokens"),
    ],
)


@TROUBLES
def test_a_trouble_that_passes_ends_in_the_right_result(server, desk, trouble, num_uncounted, num_counted):
    server.play(trouble)
    asker = desk.asker(timeout_s=0.5)
    assert ask_one(asker) == Word(word="hello")
    assert len(server.requests) == 2
    assert len(desk.heard) == 1
    spent = asker.ledger.spending()
    assert spent.num_uncounted == num_uncounted
    assert (spent.prompt_tokens, spent.completion_tokens) == (10 * num_counted, 5 * num_counted)
    assert desk.rebuilt() == spent


@TROUBLES
def test_a_trouble_that_stays_ends_in_a_clear_error(server, desk, trouble, num_uncounted, num_counted):
    server.otherwise = trouble
    asker = desk.asker(timeout_s=0.3)
    with pytest.raises(ModelUnavailable, match=r"^vllm:tiny@.*tried 3 times\); \S+"):
        ask_one(asker)
    assert len(server.requests) == 3
    spent = asker.ledger.spending()
    assert spent.num_uncounted == 3 * num_uncounted
    assert spent.tokens == 3 * 15 * (num_counted - 1)
    assert desk.rebuilt() == spent


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (401, "invalid_api_key", "check the key"),
        (403, None, "check the key"),
        (404, None, "check the model's name"),
        (400, None, "skillwright models check"),
        (429, "insufficient_quota", "top it up"),
    ],
)
def test_what_no_further_request_can_mend_is_said_at_once(server, desk, status, code, advice):
    server.otherwise = fails(status, "no way", code)
    asker = desk.asker()
    with pytest.raises(ModelUnavailable, match=rf"HTTP {status}: no way.*{advice}"):
        ask_one(asker, str)
    assert len(server.requests) == 1
    assert asker.ledger.spending().num_requests == 0


def test_a_server_that_is_not_there_is_said_to_be_unreachable(desk, server):
    asker = desk.asker()
    server.__exit__()
    with pytest.raises(ModelUnavailable, match=r"cannot be reached.*check that the server runs"):
        ask_one(asker)
    assert asker.ledger.spending().num_uncounted == 0


@pytest.mark.parametrize(
    "header",
    [
        {"retry_after": "0.4"},
        {"retry_after_ms": "400"},
        {"retry_after": lambda: email.utils.formatdate(time.time() + 2, usegmt=True)},
    ],
)
def test_a_server_is_left_alone_for_as_long_as_it_asks(server, desk, header):
    server.play(fails(429, **{name: value() if callable(value) else value for name, value in header.items()}))
    began = time.monotonic()
    ask_one(desk.asker())
    assert 0.4 <= time.monotonic() - began < 3.0


def test_a_server_that_asks_for_too_long_a_wait_is_given_up(server, desk):
    server.otherwise = fails(429, retry_after="3600")
    with pytest.raises(ModelUnavailable, match="asks to be left alone for 3600 s"):
        ask_one(desk.asker())
    assert len(server.requests) == 1


@pytest.mark.parametrize("trouble", [silence, drips])
def test_a_request_ends_when_its_time_is_up(server, desk, trouble):
    server.otherwise = trouble
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match=r"no answer within 0\.4 s"):
        ask_one(desk.asker(timeout_s=0.4, retries=RetryPolicy(max_attempts=1)))
    assert time.monotonic() - began < 1.5


def test_a_stream_without_end_ends_when_its_time_is_up(server, desk):
    server.otherwise = streams_for_ever
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match=r"no answer within 0\.4 s"):
        ask_one(desk.asker(timeout_s=0.4, retries=RetryPolicy(max_attempts=1), stream=[].append))
    assert time.monotonic() - began < 1.5


def test_a_reply_is_heard_as_it_arrives_and_counted(server, desk):
    pieces = []
    asker = desk.asker(stream=pieces.append)
    assert ask_one(asker) == Word(word="hello")
    assert len(pieces) > 2
    assert "".join(pieces) == '{"word": "hello"}'
    assert (asker.ledger.spending().tokens, asker.ledger.spending().num_estimated) == (15, 0)


def test_a_stream_that_ends_in_the_middle_is_asked_for_again(server, desk):
    server.play(half_a_stream)
    asker = desk.asker(stream=[].append)
    assert ask_one(asker) == Word(word="hello")
    assert asker.ledger.spending().num_uncounted == 1


def test_a_reply_of_the_wrong_form_goes_back_to_the_model_with_the_reason(server, desk):
    server.play(says('{"wort": 1}'))
    asker = desk.asker()
    assert ask_one(asker) == Word(word="hello")
    turn = [message["content"] for message in server.requests[1]["messages"]]
    assert turn[1] == '{"wort": 1}'
    assert "- word: Field required" in turn[2]
    assert asker.ledger.spending().tokens == 30


def test_a_model_that_never_learns_is_given_up(server, desk):
    server.otherwise = says("no JSON at all")
    with pytest.raises(ModelUnavailable, match=r"no reply to word\.md can be used(?s:.*)Invalid JSON"):
        ask_one(desk.asker(num_repairs=2))
    assert len(server.requests) == 3


def test_a_cut_reply_is_asked_for_again_shorter(server, desk):
    server.play(says('{"word": "hel', finish="length"))
    assert ask_one(desk.asker()) == Word(word="hello")
    assert "much shorter" in server.requests[1]["messages"][-1]["content"]


def test_a_refusal_is_said_and_not_asked_for_again(server, desk):
    server.otherwise = says("", refusal="I would rather not.")
    with pytest.raises(ModelUnavailable, match="the model refused: I would rather not"):
        ask_one(desk.asker())
    assert len(server.requests) == 1


def test_several_replies_come_with_one_request_where_the_server_can(server, desk):
    server.otherwise = says(*(f'{{"word": "{word}"}}' for word in "abcd"))
    asker = desk.asker()
    assert [value.word for value in ask(asker, 4).values] == ["a", "b", "c", "d"]
    assert [request.get("n") for request in server.requests] == [4]
    assert asker.ledger.spending().tokens == 15


def test_a_server_that_ignores_n_is_asked_for_the_rest_one_by_one(server, desk):
    server.otherwise = says('{"word": "{number}"}')
    asker = desk.asker()
    assert sorted(value.word for value in ask(asker, 4).values) == ["0", "1", "2", "3"]
    assert [request.get("n", 1) for request in server.requests] == [4, 1, 1, 1]
    assert len({request["seed"] for request in server.requests}) == 4
    assert asker.ledger.spending().tokens == 60
    assert desk.rebuilt() == asker.ledger.spending()


def test_a_server_known_to_ignore_n_is_asked_side_by_side(server, desk):
    server.otherwise = says('{"word": "{number}"}')
    assert len(ask(desk.asker(abilities=Abilities(n=False)), 4).values) == 4
    assert [request.get("n", 1) for request in server.requests] == [1, 1, 1, 1]


def test_a_server_that_refuses_n_is_asked_for_one_reply_at_a_time(server, desk):
    server.otherwise = refuses(n=True)
    assert len(ask(desk.asker(), 3).values) == 3
    assert [request.get("n", 1) for request in server.requests] == [3, 1, 1, 1]


def test_requests_side_by_side_are_no_more_than_allowed(server, desk):
    under_way, most, lock = [], [], threading.Lock()

    def slow(handler, body, number):
        with lock:
            under_way.append(number)
            most.append(len(under_way))
        time.sleep(0.1)
        with lock:
            under_way.remove(number)
        says('{"word": "w"}')(handler, body, number)

    server.otherwise = slow
    ask(desk.asker(abilities=Abilities(n=False), max_requests=3), 7)
    assert max(most) == 3


@pytest.mark.parametrize(
    ("lacks", "sent"),
    [
        (["json_schema"], "tools"),
        (["json_schema", "tools"], "response_format"),
        (["json_schema", "tools", "json_mode"], None),
    ],
)
def test_a_typed_reply_is_asked_for_in_the_best_way_that_the_server_takes(server, desk, lacks, sent):
    server.otherwise = refuses(**dict.fromkeys(lacks, True))
    asker = desk.asker()
    assert ask_one(asker) == Word(word="hello")
    last = server.requests[-1]
    assert {"tools", "response_format"} & last.keys() == ({sent} if sent else set())
    if sent != "tools":
        assert '"required":["word"]' in last["messages"][-1]["content"]
    num_tries = len(server.requests)
    ask_one(asker, topic="space")
    assert len(server.requests) == num_tries + 1


def test_a_server_that_refuses_a_form_is_still_asked_for_several_replies_at_once(server, desk):
    server.otherwise = refuses(json_schema=True)
    assert len(ask(desk.asker(), 3).values) == 3
    assert [request.get("n", 1) for request in server.requests] == [3, 3]


def test_known_abilities_spare_the_first_refusals(server, desk):
    server.otherwise = refuses(json_schema=True, tools=True)
    ask_one(desk.asker(abilities=Abilities(json_schema=False, tools=False)))
    assert [request["response_format"]["type"] for request in server.requests] == ["json_object"]


def test_tokens_that_the_server_does_not_count_are_estimated_and_said_to_be(server, desk):
    server.otherwise = says('{"word": "hello"}', usage=None)
    asker = desk.asker()
    ask_one(asker)
    spent = asker.ledger.spending()
    assert spent.num_estimated == 1
    assert 5 <= spent.prompt_tokens <= 20
    assert "1 of them estimated" in spent.described()


def test_bad_samples_do_not_lose_the_good_ones(server, desk):
    server.otherwise = says("not even JSON")
    server.play(says('{"word": "a"}', "nonsense", '{"word": "c"}'))
    answers = ask(desk.asker(num_repairs=1), 3)
    assert [value.word for value in answers.values] == ["a", "c"]
    assert len(answers.failures) == 1
    assert answers.failures[0].startswith("sample 1: It does not follow the schema")


def test_samples_that_fail_alike_are_repaired_each_for_itself(server, desk):
    server.play(says("bad", "bad"))
    server.otherwise = says('{"word": "x{number}"}')
    assert [value.word for value in ask(desk.asker(), 2).values] == ["x1", "x2"]


def test_nothing_is_asked_twice_by_a_second_sitting(server, desk):
    server.otherwise = says('{"word": "{number}"}')
    first = ask(desk.asker(abilities=Abilities(n=False)), 3)
    num_requests = len(server.requests)
    later = desk.asker(abilities=Abilities(n=False))
    assert ask(later, 3) == first
    assert len(server.requests) == num_requests
    assert later.ledger.spending().num_requests == 3


def test_more_samples_cost_only_the_further_ones(server, desk):
    server.otherwise = says('{"word": "{number}"}')
    first = ask(desk.asker(abilities=Abilities(n=False)), 2).values
    more = ask(desk.asker(abilities=Abilities(n=False)), 3).values
    assert more[:2] == first
    assert len(server.requests) == 3


def test_a_limit_refuses_before_the_request_that_could_pass_it(server, desk):
    asker = desk.asker(limits=Limits(max_tokens=100))
    with pytest.raises(BudgetExceeded, match=r"limit of 100 tokens: 0 tokens spent, up to \d+ tokens.*--max-tokens"):
        ask_one(asker)
    assert server.requests == []


def test_a_limit_of_money_refuses_before_the_request_that_could_pass_it(server, desk):
    asker = desk.asker(limits=Limits(max_usd=0.0005))
    ask_one(asker)
    ask_one(asker, topic="space")
    with pytest.raises(BudgetExceeded, match=r"\$0\.0005: \$0\.0000 spent, up to .*--max-usd"):
        ask(asker, 2, topic="colour")
    assert len(server.requests) == 2


def test_a_limit_holds_over_requests_side_by_side(server, desk):
    server.otherwise = says('{"word": "w"}', usage={"prompt_tokens": 20, "completion_tokens": 100, "total_tokens": 120})
    asker = desk.asker(limits=Limits(max_tokens=700), abilities=Abilities(n=False), max_requests=8)
    answers = ask(asker, 20)
    assert 1 <= len(answers.values) < 20
    assert asker.ledger.spending().tokens <= 700
    assert "limit of 700 tokens" in answers.failures[0]


def test_a_limit_of_money_needs_a_known_price(server, desk):
    with pytest.raises(ConfigError, match=r"price of vllm:tiny@.* is not known.*--max-tokens"):
        ask_one(desk.asker(limits=Limits(max_usd=1.0), prices=UNPRICED))
    assert server.requests == []


def test_an_unknown_price_is_said_and_not_taken_for_nothing(server, desk):
    asker = desk.asker(prices=UNPRICED)
    ask_one(asker)
    assert asker.ledger.spending().num_unpriced == 1
    assert "1 of unknown price" in asker.ledger.spending().described()


def test_a_key_is_in_no_error_journal_log_or_replay_file(server, desk, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    ask_one(desk.asker())
    server.otherwise = echoes_the_key
    with pytest.raises(ModelUnavailable) as caught:
        ask_one(desk.asker(), topic="space")
    assert set(server.keys) == {f"Bearer {KEY}"}
    write_replay(desk.journal, desk.run_id, tmp_path / "run.jsonl")
    errors, error = [], caught.value
    while error is not None:
        errors.append(str(error))
        error = error.__cause__ or error.__context__
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 3
    assert not any(KEY.encode() in data for data in [*files, *(text.encode() for text in errors)])
    assert "[key]" in errors[0]
    assert KEY not in caplog.text + repr(desk.asker()) + "".join(desk.heard)


def test_a_server_of_ones_own_never_gets_the_key_of_openai(server, desk, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    asker = desk.asker()
    asker.model.api_key = None
    ask_one(asker)
    assert server.keys == ["Bearer none"]


def test_tokens_are_never_counted_by_a_download(server, desk, monkeypatch):
    import tiktoken

    def refuse(*_):
        raise AssertionError("tiktoken was asked")

    monkeypatch.setattr(tiktoken, "get_encoding", refuse)
    monkeypatch.setattr(tiktoken, "encoding_for_model", refuse)
    server.otherwise = says('{"word": "hello"}', usage=None)
    assert ask_one(desk.asker()) == Word(word="hello")
