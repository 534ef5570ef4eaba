import json

from skillwright.envs.catalog import find_card, list_cards


def test_every_card_is_listed(command):
    text = command("envs", "list").text
    assert [card.id for card in list_cards() if card.id not in text] == []


def test_the_json_listing_is_a_list_of_cards(command):
    cards = json.loads(command("envs", "list", "--json").text)
    assert [card["id"] for card in cards] == [card.id for card in list_cards()]


def test_the_json_of_a_world_is_its_card(command):
    shown = json.loads(command("envs", "show", "LunarLander-v3", "--json").text)
    assert shown == find_card("LunarLander-v3").model_dump(mode="json")


def test_a_card_is_shown_as_a_model_reads_it(command):
    card = find_card("LunarLander-v3")
    words = command("envs", "show", "LunarLander-v3").text.split()
    wanted = [card.description, *(field.meaning for field in card.fields.values())]
    wanted += [component.meaning for component in card.actions.components.values()]
    assert [word for text in wanted for word in text.split() if word not in words] == []


def test_a_card_is_shown_with_the_programs_that_judge_its_tasks(command):
    card = find_card("CartPole-v1")
    shown = command("envs", "show", "CartPole-v1").text
    lines = [line.strip() for line in shown.splitlines()]
    programs = card.tasks["balance"].success + card.tasks["balance"].fitness
    assert [line for line in programs.splitlines() if line.strip() not in lines] == []


def test_a_world_without_a_card_is_shown_from_what_gymnasium_says(command):
    assert "gymnasium/MountainCar-v0" in command("envs", "show", "MountainCar-v0").text


def test_a_bound_that_does_not_exist_is_null_in_json(command):
    shown = json.loads(command("envs", "show", "gymnasium/CartPole-v1", "--json").text)
    assert shown["fields"]["obs_1"]["range"] == [None, None]
