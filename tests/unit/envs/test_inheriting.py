from pathlib import Path

import pytest

from skillwright.core.errors import CardError
from skillwright.envs.card import EnvCard
from skillwright.envs.catalog import find_card, list_cards
from skillwright.envs.loading import load_card

BASE = """\
horizon: 10
observation_size: 2
fields:
  x: {index: 0, unit: m, range: [-1.0, 1.0], role: position, meaning: Where it is.}
  y: {index: 1, unit: m, range: [-1.0, 1.0], role: position, meaning: How high it is.}
actions:
  kind: discrete
  components:
    stay: {meaning: Nothing happens.}
"""
CARD = """\
id: line/Line-v0
description: A line.
gymnasium_id: Line-v0
extends: line/_base.yaml
horizon: 20
fields:
  y: {meaning: How deep it is.}
tasks:
  stay:
    text: Stay.
    fitness: |
      def fitness(s, a, n):
          return 0.0
"""


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's project with one family of worlds: a base and a card that extends it."""
    folder = tmp_path / "project" / "envs" / "line"
    folder.mkdir(parents=True)
    (folder / "_base.yaml").write_text(BASE, encoding="utf-8")
    (folder / "Line-v0.yaml").write_text(CARD, encoding="utf-8")
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path / "project"))
    return folder


def load(family: Path) -> EnvCard:
    return load_card(family / "Line-v0.yaml")


def change(family: Path, file: str, old: str, new: str) -> None:
    path = family / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_a_card_leaves_out_comes_from_its_family(family: Path) -> None:
    card = load(family)
    assert (card.observation_size, list(card.fields), card.fields["x"].meaning) == (2, ["x", "y"], "Where it is.")


def test_what_a_card_says_itself_counts_key_by_key(family: Path) -> None:
    card = load(family)
    assert (card.horizon, card.fields["y"].meaning, card.fields["y"].unit) == (20, "How deep it is.", "m")


def test_a_file_for_others_to_extend_is_no_card_itself(family: Path) -> None:
    assert find_card("Line-v0").id == "line/Line-v0"
    assert "line/_base" not in [card.id for card in list_cards()]


def test_a_key_unknown_to_cards_is_refused_also_where_the_family_has_it(family: Path) -> None:
    change(family, "_base.yaml", "horizon: 10", "horizn: 10")
    with pytest.raises(CardError, match="the card has no key 'horizn'"):
        load(family)


def test_a_mistake_in_yaml_is_shown_in_the_familys_file(family: Path) -> None:
    change(family, "_base.yaml", "horizon: 10", "horizon: [10")
    with pytest.raises(CardError, match=r"_base\.yaml:\d+: this is not YAML") as caught:
        load(family)
    assert caught.value.path == family / "_base.yaml"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("line/_bas.yaml", r"extends: .*did you mean 'line/_base\.yaml'"),
        ("../_base.yaml", "is not a path below envs/"),
        ("7", "must be the path of a file below envs/"),
    ],
)
def test_a_family_that_is_not_there_is_refused(family: Path, name: str, problem: str) -> None:
    change(family, "Line-v0.yaml", "line/_base.yaml", name)
    with pytest.raises(CardError, match=problem) as caught:
        load(family)
    assert caught.value.line == 4


def test_only_one_step_is_followed(family: Path) -> None:
    change(family, "_base.yaml", "horizon: 10", "extends: line/_base.yaml")
    with pytest.raises(CardError, match="extends another file itself"):
        load(family)
