import json

from skillwright.core.content import lay_out_project
from skillwright.core.errors import ConfigError
from skillwright.envs.catalog import find_card, list_cards
from skillwright.envs.describing import describe_card
from skillwright.envs.drafting_file import TO_DO


def test_every_card_is_listed(command):
    text = command("envs", "list").text
    assert [card.id for card in list_cards() if card.id not in text] == []


def test_the_json_listing_is_a_list_of_cards(command):
    cards = json.loads(command("envs", "list", "--json").text)
    assert [card["id"] for card in cards] == [card.id for card in list_cards()]


def test_the_json_of_a_world_is_its_card(command):
    shown = json.loads(command("envs", "show", "LunarLander-v3", "--json").text)
    assert shown == find_card("LunarLander-v3").model_dump(mode="json")


def test_a_card_is_shown_in_the_very_words_a_model_is_given(command):
    shown = command("envs", "show", "LunarLander-v3").text
    assert shown.startswith(describe_card(find_card("LunarLander-v3")))


def test_tasks_are_shown_in_words(command):
    card = find_card("LunarLander-v3")
    words = " ".join(command("envs", "show", "LunarLander-v3").text.split())
    assert [task.text for task in card.tasks.values() if " ".join(task.text.split()) not in words] == []


def test_what_judges_is_hidden_until_it_is_asked_for(command):
    card = find_card("CartPole-v1")
    hidden = [line.strip() for line in (card.tasks["balance"].success + card.tasks["balance"].fitness).splitlines()]
    shown, all_shown = (command("envs", "show", "CartPole-v1", *more).text for more in ((), ("--judges",)))
    assert [line for line in hidden if line and line in shown] == []
    assert [line for line in hidden if line not in all_shown] == []
    assert (card.tasks["balance"].reference in shown, card.tasks["balance"].reference in all_shown) == (False, True)


def test_a_new_card_goes_into_the_project_and_is_used_from_there(command, tmp_path, monkeypatch):
    lay_out_project(tmp_path / "mine")
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path / "mine"))
    output = command("envs", "new", "MountainCar-v0")
    assert (output.status, output.text.splitlines()[0]) == (
        0,
        f"wrote {tmp_path / 'mine' / 'envs' / 'classic_control' / 'MountainCar-v0.yaml'}",
    )
    assert "position_car_along_x" in command("envs", "show", "MountainCar-v0").text


def test_a_new_card_ends_with_what_is_left_to_do(command, tmp_path):
    text = " ".join(command("envs", "new", "MountainCar-v0", "--to", str(tmp_path / "card.yaml")).text.split())
    assert text.endswith(TO_DO[-1])


def test_a_card_is_replaced_by_force_alone(command, tmp_path):
    words = ("envs", "new", "MountainCar-v0", "--to", str(tmp_path / "card.yaml"))
    command(*words)
    assert isinstance(command(*words).error, ConfigError)
    assert command(*words, "--force").status == 0


def test_a_world_without_a_card_is_shown_from_what_gymnasium_says(command):
    assert "gymnasium/MountainCar-v0" in command("envs", "show", "MountainCar-v0").text


def test_a_bound_that_does_not_exist_is_null_in_json(command):
    shown = json.loads(command("envs", "show", "gymnasium/CartPole-v1", "--json").text)
    assert shown["fields"]["obs_1"]["range"] == [None, None]
