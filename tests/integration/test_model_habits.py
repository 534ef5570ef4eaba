"""Servers and models with habits of their own: what they refuse, and in which forms they reply."""

import pytest
from pydantic import BaseModel, ConfigDict

from skillwright.core import ModelUnavailable
from skillwright.llm.langchain_model import Abilities
from skillwright.llm.reply_forms import PythonCode

from .model_desk import Word, ask, ask_one
from .model_server import fails, has_room_for, says, says_message, takes_no

pytestmark = pytest.mark.usefixtures("project")

PROGRAM = 'def reward(s, a, n):\n    return {"upright": -abs(n.angle)}'
HELLO = Word(word="hello")


class Program(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = ""
    source: PythonCode


@pytest.mark.parametrize("name", ["temperature", "seed", "max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize(
    "refusal",
    [
        {},
        {"named": False},
        {
            "named": False,
            "status": 422,
            "text": "[{'loc': ['body', '{name}'], 'msg': 'Extra inputs are not permitted'}]",
        },
    ],
)
def test_a_part_that_a_server_refuses_by_name_is_left_out_from_then_on(server, desk, name, refusal):
    server.otherwise = takes_no(name, **refusal)
    asker = desk.asker(temperature=0.7)
    assert ask_one(asker) == HELLO
    assert ask_one(asker, topic="space") == HELLO
    assert [name in request for request in server.requests] == [True, False, False]
    assert all({"max_tokens", "max_completion_tokens"} & set(request) for request in server.requests)
    assert asker.ledger.spending().num_requests == 2


def test_a_model_that_wants_the_newer_name_of_the_limit_only_is_obeyed(server, desk):
    text = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server.otherwise = takes_no("max_tokens", text=text, named=False)
    assert ask_one(desk.asker()) == HELLO
    assert [request.get("max_completion_tokens") for request in server.requests] == [100, 100]


def test_several_parts_can_be_left_out_one_after_the_other(server, desk):
    server.otherwise = takes_no("seed", "temperature")
    assert ask_one(desk.asker(temperature=0.7)) == HELLO
    assert len(server.requests) == 3


def test_a_reply_is_never_asked_for_without_a_limit(server, desk):
    server.otherwise = takes_no("max_tokens", "max_completion_tokens")
    with pytest.raises(ModelUnavailable, match="HTTP 400: Unsupported parameter"):
        ask_one(desk.asker(), str)
    assert all({"max_tokens", "max_completion_tokens"} & set(request) for request in server.requests)


def test_a_stream_whose_server_refuses_to_count_is_counted_by_estimate(server, desk):
    server.otherwise = takes_no("stream_options")
    asker = desk.asker(stream=[].append)
    assert ask_one(asker) == HELLO
    assert asker.ledger.spending().num_estimated == 1


def test_a_stream_that_does_not_count_though_asked_to_is_estimated(server, desk):
    server.otherwise = says('{"word": "hello"}', usage=None)
    asker = desk.asker(stream=[].append)
    assert ask_one(asker) == HELLO
    assert asker.ledger.spending().num_estimated == 1


def test_a_form_refused_with_status_500_is_put_in_another_way(server, desk):
    server.play(fails(500, "[{'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text'\"}]"))
    assert ask_one(desk.asker()) == HELLO
    assert desk.heard == []


def test_what_asks_for_json_stands_in_the_last_message_as_some_models_want_turns(server, desk):
    ask_one(desk.asker(abilities=Abilities(json_schema=False, tools=False)))
    assert [message["role"] for message in server.requests[0]["messages"]] == ["user"]
    assert "Say one word about time." in server.requests[0]["messages"][0]["content"]


TOO_LONG = pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is {context} tokens. However, you requested {all} tokens ({prompt} in the "
        "messages, {wanted} in the completion). Please reduce the length of the messages or completion.",
        "'max_tokens' or 'max_completion_tokens' is too large: {wanted}. This model's maximum context length is "
        "{context} tokens and your request has {prompt} input tokens ({wanted} > {context} - {prompt}).",
        "You passed {prompt} input tokens and requested {wanted} output tokens. However, the model's context length is "
        "only {context} tokens, resulting in a maximum input length of 0 tokens.",
        "input length and `max_tokens` exceed context limit: {prompt} + {wanted} > {context}, decrease input length",
        "request ({prompt} tokens) exceeds the available context size ({context} tokens), try increasing it",
    ],
    ids=["OpenAI", "vLLM", "vLLM, newer", "Anthropic", "llama.cpp"],
)


@TOO_LONG
def test_a_reply_gets_what_the_context_leaves_for_it(server, desk, words):
    server.otherwise = has_room_for(2048, 904, words)
    asker = desk.asker(max_tokens=4096)
    assert ask_one(asker) == HELLO
    assert [request["max_completion_tokens"] for request in server.requests] == [4096, 2048 - 904]
    assert asker.ledger.spending().tokens == 15


@TOO_LONG
def test_a_question_that_fills_the_context_is_said_with_what_to_do(server, desk, words):
    server.otherwise = has_room_for(2048, 2040, words)
    with pytest.raises(ModelUnavailable, match=r"2048.*--max-model-len.*--ctx-size.*OLLAMA_CONTEXT_LENGTH.*--model"):
        ask_one(desk.asker(max_tokens=4096))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 500])
def test_numbers_beside_the_message_are_read_too(server, desk, status):
    words = "the request exceeds the available context size. try increasing the context size or enable context shift"
    numbers = {"type": "exceed_context_size_error", "n_prompt_tokens": 904, "n_ctx": 2048}
    server.otherwise = has_room_for(2048, 904, words, status=status, **numbers)
    assert ask_one(desk.asker(max_tokens=4096)) == HELLO


def test_a_length_without_numbers_is_said_with_what_to_do(server, desk):
    server.otherwise = fails(400, "the input length exceeds the context length")
    with pytest.raises(ModelUnavailable, match="do not fit into the model"):
        ask_one(desk.asker())
    assert len(server.requests) == 1


def test_a_limit_of_the_replies_alone_is_kept(server, desk):
    words = "max_tokens is too large: {wanted}. This model supports at most {context} completion tokens."
    server.otherwise = has_room_for(1024, 0, words, param="max_tokens")
    assert ask_one(desk.asker(max_tokens=4096)) == HELLO
    assert [request["max_completion_tokens"] for request in server.requests] == [4096, 1024]


def test_a_context_that_a_check_found_is_kept_without_a_refusal(server, desk):
    asker = desk.asker(max_tokens=4096, abilities=Abilities(context_length=2048))
    assert ask_one(asker, topic="long " * 400) == HELLO
    (request,) = server.requests
    assert 1000 < request["max_completion_tokens"] < 2048 - 400


def test_a_context_that_a_server_told_once_is_kept_from_then_on(server, desk):
    server.otherwise = has_room_for(2048, 1200, "maximum context length is {context}, {prompt} in the messages")
    asker = desk.asker(max_tokens=4096)
    ask_one(asker, topic="long " * 1000)
    ask_one(asker, topic="wide " * 1000)
    assert len(server.requests) == 3


def message(content, **more):
    return says_message({"content": content, **more})


CALL = {"id": "c", "type": "function", "function": {"name": "reply", "arguments": '{"word": "hello",}'}}


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(message('<think>A {"word": "draft"}?</think>\n{"word": "hello"}'), id="thoughts"),
        pytest.param(message('{"word": "hello"}', reasoning_content="Hm."), id="thoughts apart"),
        pytest.param(
            message([{"type": "text", "text": '{"word": '}, {"type": "text", "text": '"hello"}'}]), id="parts"
        ),
        pytest.param(message(None, tool_calls=[CALL]), id="a call, with a comma too many"),
        pytest.param(message('"{\\"word\\": \\"hello\\"}"'), id="encoded twice"),
        pytest.param(message('Sure: {"word": "hello"} I hope this helps.'), id="prose around it"),
    ],
)
def test_a_reply_is_read_in_whatever_form_it_comes(server, desk, reply):
    server.play(reply)
    assert ask_one(desk.asker()) == HELLO
    assert len(server.requests) == 1


def test_a_reply_without_content_is_asked_for_again(server, desk):
    server.play(message(None, reasoning_content="I only thought."))
    assert ask_one(desk.asker()) == HELLO
    assert "The reply was empty" in server.requests[1]["messages"][-1]["content"]


def test_a_program_is_asked_for_in_a_block_and_read_from_it(server, desk):
    server.otherwise = says(f"I reward standing.\n```python\n{PROGRAM}\n```\nGood luck!")
    written = ask_one(desk.asker(), Program)
    assert (written.source, written.reason.split("\n")[0]) == (PROGRAM, "I reward standing.")
    (request,) = server.requests
    assert not {"response_format", "tools"} & set(request)
    assert "```python" in request["messages"][-1]["content"]
    assert "first with the reason, in plain words" in request["messages"][-1]["content"]


def test_a_program_is_repaired_by_the_same_form(server, desk):
    server.play(says("I would reward standing."))
    server.otherwise = says(f"```python\n{PROGRAM}\n```")
    assert ask_one(desk.asker(), Program) == Program(source=PROGRAM)
    assert "there is no fenced block" in server.requests[1]["messages"][-1]["content"]
    assert "```python" in server.requests[1]["messages"][-1]["content"]


def test_asking_for_a_program_leaves_other_replies_their_schema(server, desk):
    server.play(says(f"```python\n{PROGRAM}\n```"))
    asker = desk.asker()
    ask_one(asker, Program)
    assert ask_one(asker) == HELLO
    assert "response_format" in server.requests[1]


def test_several_programs_come_with_one_request(server, desk):
    server.play(says(f"```python\n{PROGRAM}\n```", f'{{"reason": "so", "source": "{PROGRAM[:20]}"}}'))
    first, second = ask(desk.asker(), 2, Program).values
    assert (first.source, second.reason) == (PROGRAM, "so")
