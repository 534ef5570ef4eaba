"""``skillwright plan`` as a person and a program read it."""

import json

from skillwright.core.errors import ConfigError


def test_the_plan_shows_its_steps_what_is_made_and_what_it_takes(command):
    shown = command("plan", "Hover, then land", "--env", "LunarLander-v3")
    assert shown.status == 0
    for text in ("CardPlanner planned", "step_1", "step_2", "make", "20M env steps", "no tokens, no money"):
        assert text in shown.text


def test_the_json_holds_the_plan_and_the_estimate(command):
    shown = json.loads(command("plan", "Balance the pole", "--json").text)
    assert shown["world"] == "classic_control/CartPole-v1" and "balance, pole" in shown["why"]
    assert [one["task"] for one in shown["plan"]["sub_tasks"]] == ["balance"]
    assert (shown["estimate"]["env_steps"], shown["estimate"]["usd"]) == (2_000_000, 0)


def test_a_sentence_about_no_world_is_refused(command):
    assert isinstance(command("plan", "Write a poem about the sea").error, ConfigError)
