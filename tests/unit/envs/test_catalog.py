import sys
from pathlib import Path

import pytest

from skillwright.core.errors import CardError, ConfigError, NotFound
from skillwright.envs.card import TaskSpec
from skillwright.envs.catalog import find_card, list_cards, read_reference
from skillwright.envs.loading import load_card

BUILT_IN = Path(__file__).parents[3] / "envs"
LANDER = (BUILT_IN / "box2d" / "LunarLander-v3.yaml").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path))
    (tmp_path / "envs" / "box2d").mkdir(parents=True)
    (tmp_path / "rewards").mkdir()
    return tmp_path


def task(reference: str | None) -> TaskSpec:
    return TaskSpec(text="Stay.", fitness="def fitness(s, a, n):\n    return 0.0\n", reference=reference)


def test_a_card_is_found_by_its_id(project: Path) -> None:
    assert find_card("box2d/LunarLander-v3") == load_card(BUILT_IN / "box2d" / "LunarLander-v3.yaml")


def test_a_card_is_found_by_the_part_after_the_slash(project: Path) -> None:
    assert find_card("LunarLander-v3").id == "box2d/LunarLander-v3"


def test_the_card_of_the_project_wins(project: Path) -> None:
    own = LANDER.replace("horizon: 1000", "horizon: 77")
    (project / "envs" / "box2d" / "LunarLander-v3.yaml").write_text(own, encoding="utf-8")
    assert find_card("LunarLander-v3").horizon == 77


def test_a_short_name_of_two_cards_is_refused_with_both(project: Path) -> None:
    own = LANDER.replace("id: box2d/", "id: mine/")
    (project / "envs" / "mine").mkdir()
    (project / "envs" / "mine" / "LunarLander-v3.yaml").write_text(own, encoding="utf-8")
    with pytest.raises(ConfigError, match="say which: box2d/LunarLander-v3, mine/LunarLander-v3"):
        find_card("LunarLander-v3")


def test_a_card_whose_id_is_not_its_place_is_refused(project: Path) -> None:
    (project / "envs" / "box2d" / "Moon-v0.yaml").write_text(LANDER, encoding="utf-8")
    with pytest.raises(CardError, match="by its place the file is the card of 'box2d/Moon-v0'"):
        find_card("Moon-v0")


def test_a_broken_card_does_not_stop_another_from_being_found(project: Path) -> None:
    (project / "envs" / "box2d" / "Broken-v0.yaml").write_text("id: [", encoding="utf-8")
    assert find_card("CartPole-v1").id == "classic_control/CartPole-v1"


def test_a_listing_names_the_broken_card(project: Path) -> None:
    (project / "envs" / "box2d" / "Broken-v0.yaml").write_text("id: [", encoding="utf-8")
    with pytest.raises(CardError, match=r"Broken-v0\.yaml"):
        list_cards()


def test_the_cards_are_listed_by_id(project: Path) -> None:
    own = LANDER.replace("id: box2d/LunarLander-v3", "id: box2d/AMoon-v0")
    (project / "envs" / "box2d" / "AMoon-v0.yaml").write_text(own, encoding="utf-8")
    ids = [card.id for card in list_cards()]
    assert ids == sorted(ids)
    assert {"box2d/AMoon-v0", "box2d/LunarLander-v3", "classic_control/Pendulum-v1"} <= set(ids)


def test_a_world_without_a_card_gets_a_generated_one(project: Path) -> None:
    assert find_card("MountainCar-v0").id == "gymnasium/MountainCar-v0"


def test_a_generated_card_is_found_again_by_its_id(project: Path) -> None:
    assert find_card("gymnasium/MountainCar-v0") == find_card("MountainCar-v0")


@pytest.mark.parametrize(
    ("name", "meant"), [("LunarLandr-v3", "LunarLander-v3"), ("MountainCarr-v0", "MountainCar-v0")]
)
def test_an_unknown_name_is_answered_with_a_close_one(project: Path, name: str, meant: str) -> None:
    with pytest.raises(NotFound, match=f"did you mean .*'{meant}'"):
        find_card(name)


def test_a_path_is_no_name(project: Path) -> None:
    with pytest.raises(NotFound):
        find_card("../envs/box2d/LunarLander-v3")


def test_without_gymnasium_an_unknown_name_says_how_to_install_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(NotFound, match=r"pip install 'skillwright\[learn\]'"):
        find_card("MountainCar-v0")


def test_the_reference_reward_of_a_task_is_read(project: Path) -> None:
    (project / "rewards" / "own.py").write_text("SOURCE = 1\n", encoding="utf-8")
    assert read_reference(task("own.py")) == "SOURCE = 1\n"


def test_a_task_may_have_no_reference_reward(project: Path) -> None:
    assert read_reference(task(None)) is None


def test_a_missing_reference_reward_is_named(project: Path) -> None:
    with pytest.raises(NotFound, match=r"lunar_lander_lnd\.py.*did you mean 'box2d/lunar_lander_land\.py'"):
        read_reference(task("box2d/lunar_lander_lnd.py"))


def test_a_reference_reward_outside_the_project_is_refused(project: Path) -> None:
    with pytest.raises(ConfigError):
        read_reference(task("../secret.py"))


def test_a_reference_reward_that_is_not_text_is_refused(project: Path) -> None:
    (project / "rewards" / "own.py").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"own\.py cannot be read"):
        read_reference(task("own.py"))
