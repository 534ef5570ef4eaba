"""Sentences that ask for several things, planned by the card alone."""

import pytest

from skillwright.agents import RunRequest
from skillwright.agents.planner import CardPlanner
from skillwright.agents.run_types import OWN_WORDS, SubTask
from skillwright.envs import find_card, list_cards

LANDER = find_card("LunarLander-v3")
THREE = "Hover, then whistle a tune, then land"


@pytest.fixture
def plan(library):
    def planned(text, card=LANDER, **changes):
        return CardPlanner(library, splits=True).plan(RunRequest(text=text, env=card.id, **changes), card)

    return planned


def tasks(plan):
    return [sub_task.task for sub_task in plan.sub_tasks]


def test_every_part_gets_the_task_it_means_and_what_means_none_stays_in_own_words(plan):
    made = plan(THREE)
    assert tasks(made) == ["hover", OWN_WORDS, "land"]
    assert [sub_task.text for sub_task in made.sub_tasks] == ["Hover", "whistle a tune", "land"]
    assert "no task of the card fits 'whistle a tune'" in made.rationale


def test_the_parts_of_a_sentence_find_their_tasks(plan):
    assert tasks(plan("Hover, then move over the pad, then land")) == ["hover", "approach", "land"]


def test_each_step_comes_after_the_one_before_it(plan):
    assert [one.depends_on for one in plan(THREE).sub_tasks] == [(), ("step_1",), ("step_2",)]


def test_a_step_brings_about_what_its_task_is_judged_by(plan):
    assert set(plan("hover, then land").sub_tasks[0].changes) == {"x", "y"}


def test_neighbours_that_mean_the_same_task_are_one_step(plan):
    made = plan("Hover half way up, then keep hovering, then land")
    assert tasks(made) == ["hover", "land"]
    assert made.sub_tasks[0].text == "Hover half way up, then keep hovering"


@pytest.mark.parametrize("text", ["do this, then do something else", "🚀; 🌙", "; ".join(["hover", "land"] * 5)])
def test_what_cannot_be_split_into_tasks_is_planned_as_one(plan, text):
    assert len(plan(text).sub_tasks) == 1


def test_too_many_parts_are_told(plan):
    assert "asks for 10 things, and a plan has at most 8" in plan("; ".join(["hover", "land"] * 5)).rationale


def test_a_task_that_is_asked_for_is_not_split(plan):
    assert tasks(plan(THREE, task="land")) == ["land"]


def test_without_splitting_a_sentence_is_one_step(library):
    made = CardPlanner(library).plan(RunRequest(text=THREE, env=LANDER.id), LANDER)
    assert tasks(made) == ["hover"] and made.sub_tasks[0].text == THREE


def test_no_task_of_any_card_is_split(plan):
    for card in list_cards():
        for name, task in card.tasks.items():
            assert tasks(plan(task.text, card)) == [name]


def test_a_skill_that_passed_the_same_test_serves_a_part_whatever_its_sentence(plan, library, make_skill):
    library.store(make_skill("Float in the air"))
    assert [one.reuse for one in plan("hover, then land").sub_tasks] == ["hover@1", None]
    assert [one.reuse for one in plan("hover, then land", reuse=False).sub_tasks] == [None, None]


def test_a_skill_made_with_another_version_of_the_card_serves_no_part(plan, library, make_skill):
    library.store(make_skill(card=LANDER.model_copy(update={"horizon": 500})))
    assert plan("hover, then land").sub_tasks[0].reuse is None


def test_sub_tasks_of_earlier_versions_are_read():
    old = SubTask.model_validate_json('{"text": "a", "env_id": "b/c", "task": "d", "reuse": null}')
    assert (old.id, old.depends_on, old.starts_where) == ("", (), ())


def test_what_just_missed_its_own_test_serves_again_once_it_is_part_of_a_verified_skill(plan, library, make_skill):
    hover = library.store(make_skill(status="failed"))
    assert plan("hover, then land").sub_tasks[0].reuse is None
    parts = {"kind": "program", "parts": (hover.reference, hover.reference), "dependencies": (hover.reference,)}
    library.store(make_skill(name="hover-twice", text="hover, then hover again", **parts))
    assert plan("hover, then land").sub_tasks[0].reuse == hover.reference
