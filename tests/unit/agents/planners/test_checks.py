"""Plans that cannot be carried out are refused, each with what is wrong."""

import re

import pytest

from skillwright.agents.planners.beginnings import observe_beginnings
from skillwright.agents.planners.checks import Outlook, PlanRefused, check_plan, in_order
from skillwright.agents.run_types import OWN_WORDS, Condition, SubTask
from skillwright.envs import find_card

LANDER = find_card("LunarLander-v3")
OUTLOOK = Outlook(card=LANDER, skills={}, beginnings=observe_beginnings(LANDER))
LOW = Condition(field="y", at_most=0.2)


def step(name="hover", **changes):
    values = {"id": name, "text": "Hover.", "env_id": LANDER.id, "task": "hover", "changes": ("y",)}
    return SubTask(**{**values, **changes})


def problems(*sub_tasks, outlook=OUTLOOK):
    with pytest.raises(PlanRefused) as refused:
        check_plan(sub_tasks, outlook)
    return str(refused.value)


def test_a_plan_whose_steps_bring_about_each_others_starts_is_taken():
    check_plan([step(), step("land", task="land", depends_on=("hover",), starts_where=(LOW,))], OUTLOOK)


def test_a_task_in_own_words_is_taken():
    check_plan([step(task=OWN_WORDS)], OUTLOOK)


def test_a_start_where_episodes_begin_is_taken():
    check_plan([step(starts_where=(Condition(field="y", at_least=1.0),))], OUTLOOK)


@pytest.mark.parametrize(
    ("sub_tasks", "said"),
    [
        ([], "The plan is empty"),
        ([step(f"s{i}") for i in range(9)], "9 sub-tasks; at most 8"),
        ([step(text="x" * 501)], "501 characters; at most 500"),
        ([step(f"s{i}", text="x" * 500, success="x" * 400) for i in range(5)], "4500 characters of text; at most 4000"),
        ([step(text=" ")], "'hover' has no text"),
        ([step(), step()], "'hover' is used 2 times"),
        ([step(depends_on=("hoover",))], "no sub-task is called; did you mean 'hover'"),
        ([step("a", depends_on=("b",)), step("b", depends_on=("a",))], "in a circle: 'a', 'b'"),
        ([step(depends_on=("hover",))], "in a circle: 'hover'"),
        ([step(env_id="box2d/Other-v1")], "can only use 'box2d/LunarLander-v3'"),
        ([step(task="fly")], "choose one of: land, hover, approach, own words"),
        ([step(changes=("hight",))], "names the field 'hight'"),
        ([step(starts_where=(Condition(field="height", at_most=1),))], "names the field 'height'"),
        ([step(starts_where=(Condition(field="y"),))], "needs at_least, at_most, or both"),
        ([step(starts_where=(Condition(field="y", at_least=1, at_most=0),))], "must not be above at_most"),
        ([step(starts_where=(Condition(field="y", at_least=5),))], "only lies between -0.7 and 2"),
        ([step(starts_where=(Condition(field="y", component=0, at_least=1),))], "component must be null"),
        ([step(reuse="hover@1")], "these can: none, so reuse must be null"),
        ([step(starts_where=(LOW,))], "'hover' can never begin"),
        ([step(changes=("x",)), step("land", depends_on=("hover",), starts_where=(LOW,))], "'land' can never begin"),
        ([step(), step("land", starts_where=(LOW,))], "what it depends on (nothing) does not change y"),
    ],
)
def test_each_mistake_is_told(sub_tasks, said):
    assert said in problems(*sub_tasks)


def test_all_mistakes_are_told_at_once():
    assert len(re.findall("^- ", problems(step(task="fly", changes=("z",), env_id="no")), re.MULTILINE)) == 3


def test_a_skill_of_another_task_cannot_be_reused(make_skill):
    outlook = Outlook(card=LANDER, skills={"land@1": make_skill(name="land", task="land")}, beginnings=None)
    assert "was judged by 'land', not 'hover'" in problems(step(reuse="land@1"), outlook=outlook)


def test_a_part_of_a_field_must_exist():
    card = find_card("FetchReach-v4")
    name = next(name for name, field in card.fields.items() if field.index is not None and not field.is_scalar)
    sub_task = SubTask(
        id="a", text="Reach.", env_id=card.id, task="reach", starts_where=(Condition(field=name, at_least=0.0),)
    )
    assert "give component" in problems(sub_task, outlook=Outlook(card=card, skills={}, beginnings=None))


def test_where_beginnings_are_not_known_no_start_is_refused_for_them():
    check_plan([step(starts_where=(LOW,))], Outlook(card=LANDER, skills={}, beginnings=None))


def test_the_order_puts_a_step_behind_those_it_depends_on():
    ordered = in_order([step("land", depends_on=("hover",)), step("hover"), step("rest", depends_on=("land",))])
    assert [one.id for one in ordered] == ["hover", "land", "rest"]
