import json

import pytest
from pydantic import BaseModel, ConfigDict, Field

from skillwright.core import ModelRetry
from skillwright.llm.chat import Message, Question, Reply
from skillwright.llm.replying import Refused, read_reply, repair_question, schema_text


class Move(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    force: float = Field(ge=0)


GOOD = '{"name": "push", "force": 1.5}'
MOVE = Move(name="push", force=1.5)


def said(text, finish="stop"):
    return Reply(text=text, finish=finish)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"  {GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"Here it is:\n```\n{GOOD}\n```\nAnything else?",
        f"First:\n```python\nx = 1\n```\nthen\n```json\n{GOOD}\n```",
        f'<think>Maybe {{"name": 1}}?</think>\n{GOOD}',
    ],
)
def test_a_value_is_found_where_models_put_it(text):
    assert read_reply(said(text), Move) == MOVE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"name": "push"}', "- force: Field required"),
        ('{"name": "push", "force": -1}', "- force: Input should be greater than or equal to 0"),
        ('{"name": "push", "force": 1, "speed": 2}', "- speed: Extra inputs are not permitted"),
        ('{"name": "push", "force": 1', "- the whole: Invalid JSON"),
        ("I push.", "- the whole: Invalid JSON"),
        ("", "The reply was empty"),
        ("<think>Hm.</think>", "The reply was empty"),
    ],
)
def test_what_is_wrong_is_said_so_that_a_model_can_mend_it(text, problem):
    with pytest.raises(ModelRetry, match=problem.replace("(", r"\(")):
        read_reply(said(text), Move)


def test_a_cut_reply_is_not_taken_for_a_whole_one():
    with pytest.raises(ModelRetry, match="limit of tokens"):
        read_reply(said(GOOD, "length"), Move)


def test_a_refusal_is_told_apart():
    with pytest.raises(Refused, match=r"the model refused: No\."):
        read_reply(said("No.", "refusal"), Move)


def test_free_text_is_taken_as_it_is():
    assert read_reply(said("```json\n{}\n```"), str) == "```json\n{}\n```"
    assert schema_text(str) is None


def test_the_schema_of_a_class_is_always_the_same_text():
    text = schema_text(Move)
    assert text == schema_text(Move)
    assert json.loads(text)["required"] == ["name", "force"]


def test_the_repair_shows_the_reply_the_problem_and_the_schema():
    question = Question(messages=(Message(role="user", text="Move!"),), reply_schema=schema_text(Move))
    repair = repair_question(question, said("nonsense"), ModelRetry("It is nonsense."))
    assert [message.role for message in repair.messages] == ["user", "assistant", "user"]
    assert repair.messages[1].text == "nonsense"
    assert "It is nonsense." in repair.messages[2].text
    assert schema_text(Move) in repair.messages[2].text


def test_the_repair_of_an_endless_reply_is_short():
    question = Question(messages=(Message(role="user", text="Move!"),))
    repair = repair_question(question, said("x" * 50_000, "length"), ModelRetry("Too long."))
    assert sum(len(message.text) for message in repair.messages) < 2000
