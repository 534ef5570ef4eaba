from pathlib import Path

import pytest

from skillwright.core.errors import CardError
from skillwright.envs.loading import load_card

CARD = """\
id: tests/Line-v0
description: A line.
gymnasium_id: Line-v0
horizon: 10
observation_size: 2
fields:
  x:
    index: 0
    unit: m
    range: [-1.0, 1.0]
    role: position
    meaning: Where it is.
  y: {index: [0, 2], unit: m, range: [-1.0, 1.0], role: position, meaning: Where it is.}
actions:
  kind: discrete
  components:
    stay: {meaning: Nothing happens.}
tasks:
  stay:
    text: Stay.
    fitness: |
      def fitness(s, a, n):
          return 0.0
learner:
  settings:
    learning_rate: 1e-3
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "card.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, old: str, new: str) -> CardError:
    """Loads the card with one text replaced, and returns why that is refused."""
    assert CARD.count(old) == 1
    path = written(folder, CARD.replace(old, new))
    with pytest.raises(CardError) as caught:
        load_card(path)
    assert caught.value.path == path
    return caught.value


def test_a_card_is_read(tmp_path: Path) -> None:
    card = load_card(written(tmp_path, CARD))
    assert (card.id, list(card.fields), card.fields["y"].stop) == ("tests/Line-v0", ["x", "y"], 2)


def test_a_number_in_scientific_notation_is_a_number(tmp_path: Path) -> None:
    assert load_card(written(tmp_path, CARD)).learner.settings["learning_rate"] == 0.001


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("horizon: 10", "horizn: 10", 4, "the card has no key 'horizn'; did you mean 'horizon'?"),
        ("    unit: m\n    r", "    units: m\n    r", 9, "fields.x has no key 'units'; did you mean 'unit'?"),
        ("    fitness: |", "    fitnes: |", 21, "tasks.stay has no key 'fitnes'; did you mean 'fitness'?"),
        ("stay: {meaning", "stay: {colour: red, meaning", 17, "its keys are unit, range, meaning"),
        ("    text: Stay.\n", "", 19, "tasks.stay needs the key 'text'"),
        ("gymnasium_id: Line-v0\n", "", 1, "the card needs the key 'gymnasium_id'"),
        ("horizon: 10", "horizon: soon", 4, "horizon: input should be a valid integer"),
        ("role: position\n", "role: place\n", 11, "fields.x.role: 'place' is not known"),
        ("kind: discrete", "kind: both", 15, "actions.kind: 'both' is not known; there are discrete, continuous"),
        ("range: [-1.0, 1.0]\n", "range: [1.0, -1.0]\n", 7, "a range needs its lower bound first"),
        (
            "range: [-1.0, 1.0]\n",
            "range: [-1.0, wide]\n",
            10,
            "fields.x.range.1: input should be a valid number",
        ),
        ("  x:\n", "  X:\n", 7, "fields.X"),
        ("index: 0\n", "index: 7\n", 7, "fields.x: index 7 is outside the observation's 2 values"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, problem: str) -> None:
    error = refused(tmp_path, old, new)
    assert problem in error.problem
    assert error.line == line


def test_of_several_mistakes_the_earliest_is_named(tmp_path: Path) -> None:
    text = CARD.replace("kind: discrete", "kind: both").replace("horizon: 10", "horizon: soon")
    with pytest.raises(CardError, match="horizon"):
        load_card(written(tmp_path, text))


def test_a_long_wrong_value_is_shortened(tmp_path: Path) -> None:
    error = refused(tmp_path, "horizon: 10", f"horizon: {'long ' * 50}")
    assert len(error.problem) < 160


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, "actions:\n", "horizon: 11\nactions:\n")
    assert (error.line, error.problem) == (14, "the key 'horizon' is given twice; the first is in line 4")


def test_a_nested_key_given_twice_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, "  y: {", "  x: {")
    assert (error.line, error.problem) == (13, "the key 'x' is given twice; the first is in line 7")


def test_a_mistake_of_syntax_is_named_with_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, "range: [-1.0, 1.0]\n", "range: [-1.0, 1.0\n")
    assert error.line == 11
    assert "this is not YAML" in error.problem


def test_an_object_tag_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, "horizon: 10", "horizon: !!python/object/apply:os.getpid []")
    assert error.line == 4


def test_an_impossible_date_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path, "horizon: 10", "horizon: 2020-13-45").problem


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just words\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CardError, match="the card must be a mapping"):
        load_card(written(tmp_path, text))


def test_a_card_that_contains_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardError):
        load_card(written(tmp_path, "fields: &all\n  x: *all\n"))


def test_a_file_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="nested too deeply"):
        load_card(written(tmp_path, "a: " + "[" * 1000))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"nowhere\.yaml: the file cannot be read: No such file"):
        load_card(tmp_path / "nowhere.yaml")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_bytes(b"id: \xff\xfe")
    with pytest.raises(CardError, match="not UTF-8 text: byte 4"):
        load_card(path)
