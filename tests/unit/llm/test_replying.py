import json

import pytest
from pydantic import BaseModel, ConfigDict, Field

from skillwright.core import BudgetExceeded, ModelRetry, ModelUnavailable
from skillwright.llm.chat import Message, Question, Reply
from skillwright.llm.reply_forms import PythonCode, WireSchema
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
        f'<thinking>Maybe {{"name": "pull", "force": 1}}?</thinking>\n{GOOD}',
        f"No opening tag.</think>{GOOD}",
        f"I would say {GOOD}, as it is near.",
        '{"name": "push", "force": 1.5,}',
        "{'name': 'push', 'force': 1.5}",
        json.dumps(GOOD),
        f'{{"name": 1}} is wrong, {GOOD} is right.',
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


PROGRAM = 'def reward(s, a, n):\n    """Keep {it} up."""\n    return {"upright": -abs(n.angle)}'
USE = "print(reward(s, a, n))"


class Written(BaseModel):
    """Has one field of text beside its program."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field(min_length=1, max_length=100)
    source: PythonCode = Field(min_length=10)


class Weighted(BaseModel):
    """Has several fields beside its program."""

    model_config = ConfigDict(extra="forbid")

    weights: dict[str, float] = {}
    speed: float = 1.0
    source: PythonCode


def in_block(program, language="python"):
    return f"```{language}\n{program}\n```"


@pytest.mark.parametrize(
    "text",
    [
        f"It falls.\n{in_block(PROGRAM)}",
        f"{in_block(PROGRAM)}\nIt falls.",
        f"It falls.\n{in_block(PROGRAM, '')}",
        f"It falls.\n```python\n{PROGRAM}",
        f"<think>{in_block('nonsense, but long' * 20)}</think>It falls.\n{in_block(PROGRAM)}",
        json.dumps({"why": "It falls.", "source": PROGRAM}),
        json.dumps({"why": "It falls.", "source": in_block(PROGRAM)}),
        json.dumps({"why": "It falls.", "source": PROGRAM.replace("\n", "\\n").replace('"', '\\"')}),
        in_block(json.dumps({"why": "It falls.", "source": PROGRAM}), "json"),
        f'{{"why": "It falls.", "source": """{PROGRAM}"""}}',
        f'{{"why": "It falls.", "source": "{PROGRAM}"}}',
        in_block('{"why": "It falls."}', "json") + in_block(PROGRAM),
        in_block('{"why": "It falls.", "source": "see below"}', "json") + in_block(PROGRAM),
    ],
)
def test_a_program_is_found_where_models_put_it(text):
    assert read_reply(said(text), Written) == Written(why="It falls.", source=PROGRAM)


def test_drafts_and_uses_are_not_taken_for_the_program():
    draft = PROGRAM.replace("upright", "draft")
    text = "\n".join(
        ["It falls.", in_block(draft), in_block(PROGRAM), in_block(USE), in_block("pip install numpy", "bash")]
    )
    assert read_reply(said(text), Written).source == PROGRAM


def test_words_that_are_too_long_are_cut_and_those_of_a_program_are_not():
    written = read_reply(said(f"{'It falls. ' * 50}\n{in_block(PROGRAM)}"), Written)
    assert len(written.why) <= 100
    assert written.source == PROGRAM


def test_other_fields_may_stand_in_json_before_the_program_or_be_left_out():
    data = in_block('{"weights": {"upright": 2}, "speed": 3,}', "json")
    expected = Weighted(weights={"upright": 2.0}, speed=3.0, source=PROGRAM)
    assert read_reply(said(f"So:\n{data}\nand\n{in_block(PROGRAM)}"), Weighted) == expected
    assert read_reply(said(f"So:\n{in_block(PROGRAM)}"), Weighted) == Weighted(source=PROGRAM)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("I would reward standing.", "- source: there is no fenced block with the whole program in it"),
        (in_block("x"), "- source: String should have at least 10 characters"),
        (in_block(PROGRAM), "- why: Field required"),
        ('{"why": "It falls."}', "- source: Field required"),
        ('{"why": "It falls.", "sauce": 1, "source": "def f(): pass"}', "- sauce: Extra inputs are not permitted"),
    ],
)
def test_what_a_reply_with_a_program_lacks_is_said(text, problem):
    with pytest.raises(ModelRetry, match=problem):
        read_reply(said(text), Written)


def test_a_program_is_asked_for_beside_words_beside_json_or_alone():
    assert WireSchema(schema_text(Written)).request.startswith("Reply first with the why, in plain words")
    weighted = WireSchema(schema_text(Weighted)).request
    assert '"weights"' in weighted
    assert '"source"' not in weighted
    assert all("```python" in WireSchema(schema_text(one)).request for one in (Written, Weighted))
    assert WireSchema(schema_text(Move)).request.endswith(schema_text(Move))


def test_the_record_of_a_failure_fails_again_in_the_same_way():
    with pytest.raises(ModelUnavailable, match="HTTP 503"):
        read_reply(said("HTTP 503", "failed"), Move)
    with pytest.raises(BudgetExceeded, match="the limit"):
        read_reply(said("the limit", "over_limit"), str)
