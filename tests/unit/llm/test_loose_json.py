import json
import time

import pytest

from skillwright.llm.loose_json import Block, blocks_in, values_in

CODE = 'def reward(s, a, n):\n    """Stay up."""\n    return {"upright": -abs(n.angle), "still": 0.1}\n'


def first(text):
    return next(values_in(text), None)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": [true, null]}',
        '{"a": 1, "b": [true, null,],}',
        '{"a": 1, "b": [True, None]}',
        "{'a': 1, 'b': [true, null]}",
        "{a: 1, b: [true, null]}",
        '{"a": 1, // the first\n "b": [true, /* and */ null]}',
        'Here: {"a": 1, "b": [true, null]} - that is all.',
        'With {braces} and {"a": 1, "b": [true, null]}.',
        '```json\n{"a": 1, "b": [true, null]}\n```',
        'Look:\n```\n{"a": 1, "b": [true, null]}',
        json.dumps('{"a": 1, "b": [true, null]}'),
        json.dumps('```json\n{"a": 1, "b": [true, null]}\n```'),
    ],
)
def test_a_value_is_found_and_read(text):
    assert first(text) == {"a": 1, "b": [True, None]}


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(json.dumps(CODE), id="as it should be"),
        pytest.param('"' + CODE.replace('"', '\\"') + '"', id="real line breaks"),
        pytest.param(f'"{CODE}"', id="nothing escaped"),
        pytest.param(f'"""{CODE}"""', id="three quotes"),
        pytest.param(f"'''{CODE}'''", id="three single quotes"),
        pytest.param(f"`{CODE}`", id="backticks"),
        pytest.param('"' + CODE.replace("\n", "\\n") + '"', id="quotes not escaped"),
    ],
)
@pytest.mark.parametrize("around", ["%s", "Sure!\n%s\nDone.", "```json\n%s\n```"])
def test_a_program_in_a_string_is_read_as_it_was_meant(written, around):
    text = around % f'{{"reason": "It falls.", "source": {written}, "weights": {{"upright": 2.0}}}}'
    assert first(text) == {"reason": "It falls.", "source": CODE, "weights": {"upright": 2.0}}


def test_a_program_that_is_indented_like_its_json_is_moved_back():
    text = '{"source": """\n        def f(x):\n            return x\n    """}'
    assert first(text) == {"source": "\ndef f(x):\n    return x\n"}


def test_escapes_that_json_does_not_know_stay_as_they_are():
    assert first(r'{"pattern": "\d+\.\d", "quote": "it\'s", "sign": "\u00b1"}') == {
        "pattern": r"\d+\.\d",
        "quote": "it's",
        "sign": "±",
    }


@pytest.mark.parametrize(
    "text", ['{"a": 1', '{"a": "b', '{"a": [1, 2}', "I push.", "", "{", '{"a" 1}', '{"a": nonsense}']
)
def test_what_is_cut_off_or_no_json_has_no_value(text):
    assert [value for value in values_in(text) if isinstance(value, dict)] == []


@pytest.mark.parametrize(
    "piece", ["[", '{"a":', "{", '{"a": "', '{"a": """', '{"a": "b", ', '\\"', "```\n", "{'a", "{#", "{/*"]
)
def test_a_text_made_to_take_long_does_not(piece):
    began = time.monotonic()
    assert [value for value in values_in(piece * (200_000 // len(piece))) if isinstance(value, dict)] == []
    assert time.monotonic() - began < 5


def test_blocks_are_found_with_their_languages_and_without_an_end():
    text = "a\n```Python title\n  x = 1\n```\nb ```\ny\n``` c\n```js\nz"
    assert [(block.language, block.text) for block in blocks_in(text)] == [("python", "x = 1"), ("", "y"), ("js", "z")]
    assert all(isinstance(block, Block) and block.whole in text for block in blocks_in(text))
