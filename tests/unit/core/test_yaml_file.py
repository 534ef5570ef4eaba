from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from skillwright.core import ConfigError
from skillwright.core.yaml_file import YamlMistake, read_yaml


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: float = Field(default=1.0, ge=0)
    colour: Literal["red", "green"] = "red"


class House(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    door: Part | None = None
    rooms: dict[Literal["kitchen", "cellar"], Part] = {}
    windows: list[Part] = []

    @model_validator(mode="after")
    def _door_is_small(self) -> "House":
        if self.door and self.door.size > 3:
            raise ValueError("door.size: no door is that large")
        return self


HOUSE = """\
name: home
door: {size: 2.0}
rooms:
  kitchen:
    size: 1e-3
windows:
  - size: 1
  - colour: green
"""


def refused(folder: Path, text: str, what: str = "the file") -> YamlMistake:
    path = folder / "house.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(YamlMistake) as caught:
        read_yaml(path, House, what=what)
    assert str(caught.value).startswith(str(path))
    return caught.value


def test_a_file_is_read_with_numbers_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / "house.yaml"
    path.write_text(HOUSE, encoding="utf-8")
    house = read_yaml(path, House)
    assert house.rooms["kitchen"].size == 0.001
    assert house.windows[1].colour == "green"


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("name: home", "nam: home", 1, "the house has no key 'nam'; did you mean 'name'?"),
        ("name: home\n", "", 1, "the house needs the key 'name'"),
        ("{size", "{sise", 2, "door has no key 'sise'; did you mean 'size'?"),
        ("{size", "{zzz", 2, "door has no key 'zzz'; its keys are size, colour"),
        ("    size", "    sise", 5, "rooms.kitchen has no key 'sise'; did you mean 'size'?"),
        ("  - colour", "  - color", 8, "windows.1 has no key 'color'; did you mean 'colour'?"),
        ("kitchen", "kitchn", 4, "rooms.kitchn: 'kitchn' is not known; did you mean 'kitchen'?"),
        ("green", "blue", 8, "windows.1.colour: 'blue' is not known; there are red, green"),
        ("size: 1\n", "size: -1\n", 7, "windows.0.size: input should be greater than or equal to 0, not -1"),
        ("size: 2.0", "size: 4.0", 2, "door.size: no door is that large"),
        ("name: home", "name: home\nname: house", 2, "the key 'name' is given twice; the first is in line 1"),
        ("size: 1e-3", "size: 1\n    size: 2", 6, "the key 'size' is given twice; the first is in line 5"),
        ("colour: green", "colour: [green", 9, "this is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, problem: str) -> None:
    assert HOUSE.count(old) == 1
    mistake = refused(tmp_path, HOUSE.replace(old, new), "the house")
    assert problem in mistake.problem
    assert mistake.line == line


def test_a_mistake_is_the_persons_to_mend(tmp_path: Path) -> None:
    assert isinstance(refused(tmp_path, "- a\n"), ConfigError)


@pytest.mark.parametrize("text", ["", "- a", "a: &x {b: *x}", "a: {b: " * 2000, "name: 2026-99-99"])
def test_what_is_something_else_is_refused(tmp_path: Path, text: str) -> None:
    refused(tmp_path, text)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(YamlMistake, match="cannot be read"):
        read_yaml(tmp_path / "nowhere.yaml", House)
    (tmp_path / "house.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(YamlMistake, match="not UTF-8"):
        read_yaml(tmp_path / "house.yaml", House)
