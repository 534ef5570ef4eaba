"""The file of a drafted card: where it goes, and that it is read back as it was."""

from pathlib import Path

import pytest
import yaml

from skillwright.core.content import lay_out_project
from skillwright.core.errors import ConfigError, StorageError
from skillwright.envs.catalog import find_card, list_cards
from skillwright.envs.drafting_file import TO_DO, card_text, place_of_draft, write_draft
from skillwright.envs.generation import generate_card
from skillwright.envs.loading import load_card


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay_out_project(tmp_path)
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("env_id", ["Pendulum-v1", "LunarLander-v3", "Ant-v5", "gymnasium/MountainCar-v0"])
def test_a_card_is_read_back_as_it_was_written(env_id: str, tmp_path: Path) -> None:
    card = find_card(env_id)
    file = tmp_path / "card.yaml"
    file.write_text(card_text(card), encoding="utf-8")
    again = load_card(file)
    assert " ".join(again.description.split()) == " ".join(card.description.split())
    assert again.model_dump(exclude={"description"}) == card.model_dump(exclude={"description"})


def test_a_bound_that_does_not_exist_is_read_back(tmp_path: Path) -> None:
    card = generate_card("CartPole-v1")
    write_draft(card, tmp_path / "card.yaml")
    assert load_card(tmp_path / "card.yaml").fields["obs_1"].range == card.fields["obs_1"].range


def test_what_is_left_to_do_stands_at_the_beginning() -> None:
    head = card_text(generate_card("CartPole-v1")).partition("\nid:")[0]
    words = " ".join(head.replace("#", "").split())
    assert [line for line in TO_DO if line not in words] == []


def test_envpools_world_is_named_but_not_used() -> None:
    text = card_text(generate_card("CartPole-v1"))
    assert "# envpool_id: CartPole-v1" in text
    assert "envpool_id" not in yaml.safe_load(text)


def test_programs_are_blocks_and_lists_are_lines() -> None:
    text = card_text(generate_card("MountainCar-v0"))
    assert "    fitness: |\n      def fitness(s, a, n):\n" in text
    assert "    range: [" in text


def test_the_place_of_a_card_is_its_id_in_the_project(project: Path) -> None:
    card = generate_card("MountainCar-v0")
    assert place_of_draft(card) == project / "envs" / "gymnasium" / "MountainCar-v0.yaml"


def test_without_a_project_the_person_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SKILLWRIGHT_PROJECT", raising=False)
    with pytest.raises(ConfigError, match="skillwright init"):
        place_of_draft(generate_card("MountainCar-v0"))


def test_a_draft_does_not_stand_before_a_card_of_ours_unasked(project: Path) -> None:
    card = find_card("CartPole-v1")
    with pytest.raises(ConfigError, match="has a card already"):
        place_of_draft(card)
    assert place_of_draft(card, replace=True).is_relative_to(project)


def test_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="--force"):
        write_draft(generate_card("CartPole-v1"), file)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_file_that_exists_is_replaced_where_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "card.yaml"
    file.write_text("mine", encoding="utf-8")
    write_draft(generate_card("CartPole-v1"), file, replace=True)
    assert load_card(file).gymnasium_id == "CartPole-v1"


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "envs").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match="envs"):
        write_draft(generate_card("CartPole-v1"), tmp_path / "envs" / "card.yaml")


def test_a_draft_in_the_project_is_found_by_its_name(project: Path) -> None:
    card = generate_card("MountainCar-v0")
    write_draft(card, place_of_draft(card))
    assert "gymnasium/MountainCar-v0" in [one.id for one in list_cards()]
