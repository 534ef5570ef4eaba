"""A plan with what it will take, with and without a model that answers by a script."""

import json

import pytest

from skillwright.agents import RunRequest
from skillwright.agents.beginning import begin_run
from skillwright.agents.planners.estimate import Helpers, Records, estimate_plan
from skillwright.agents.planning import find_world, preview_plan
from skillwright.agents.run_types import Plan, SubTask
from skillwright.agents.settled import Settled
from skillwright.core import ConfigError, ModelUnavailable
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.envs import find_card
from skillwright.llm.prices import ListedPrice, PriceList

from ....integration.model_server import fails, says

pytest.importorskip("langchain_openai")

LANDER = find_card("LunarLander-v3")
TEXT = "Hover, then land"


def written(name="hover", **changes):
    values = {
        "id": name, "text": "Hover.", "env": LANDER.id, "task": name, "changes": ["y"], "start": "Anywhere.",
        "starts_where": [], "success": "It hovers.", "reuse": None, "depends_on": [],
    }  # fmt: skip
    return {**values, **changes}


def reply(*sub_tasks):
    return says(json.dumps({"rationale": "Two things.", "sub_tasks": sub_tasks}))


GOOD = reply(written("land", depends_on=["hover"]), written())
BAD = reply(written(task="fly"))


@pytest.fixture
def preview(opened, server):
    def made(text=TEXT, *, model=None, **changes):
        name = f"vllm:tiny@{server.url}" if model is None else model
        world = find_world(text, LANDER.id)
        return preview_plan(opened, RunRequest(text=text, env=LANDER.id, model=name, **changes), world)

    return made


def asked(server, number):
    return server.requests[number]["messages"][-1]["content"]


def test_the_plan_of_a_model_comes_in_the_order_of_its_dependencies(preview, server):
    server.play(GOOD)
    plan = preview().plan
    assert (plan.planner, [one.id for one in plan.sub_tasks]) == ("LLMPlanner", ["hover", "land"])


def test_the_model_is_shown_the_skills_that_can_serve(preview, server, library, make_skill):
    library.store(make_skill())
    library.store(make_skill(name="other", card=LANDER.model_copy(update={"horizon": 9})))
    server.play(reply(written(reuse="hover@1")))
    made = preview()
    assert "`hover@1` does the task `hover`" in asked(server, 0) and "other@1" not in asked(server, 0)
    assert made.reused["hover@1"].evidence.success_rate == 0.97
    assert made.estimate.env_steps == 0


def test_at_most_five_skills_are_shown(preview, server, library, make_skill):
    for number in range(7):
        library.store(make_skill(name=f"hover-{number}"))
    server.play(GOOD)
    preview()
    assert asked(server, 0).count("does the task") == 5


def test_without_reuse_no_skill_is_shown_or_taken(preview, server, library, make_skill):
    library.store(make_skill())
    server.play(reply(written(reuse="hover@1")), GOOD)
    assert preview(reuse=False).reused == {}
    assert "does the task" not in asked(server, 0)
    assert "reuse must be null" in asked(server, 1)


def test_a_refused_plan_goes_back_to_the_model_once_with_what_is_wrong(preview, server):
    server.play(BAD, GOOD)
    assert preview().plan.planner == "LLMPlanner"
    assert "choose one of: land, hover, approach, own words" in asked(server, 1)


def test_after_two_refused_plans_the_card_plans_and_says_so(preview, server):
    server.play(BAD, BAD)
    made = preview()
    assert made.plan.planner == "CardPlanner" and len(server.requests) == 2
    assert "were refused 2 times" in made.plan.rationale and "'fly'" in made.plan.rationale
    assert any("CardPlanner planned, not vllm:tiny" in note for note in made.notes)


def test_a_model_that_writes_no_plan_at_all_is_an_error_and_the_journal_says_so(preview, server, opened):
    server.otherwise = says("I would rather not.")
    with pytest.raises(ModelUnavailable, match="can be used"):
        preview()
    [run] = Journal(Database.open(opened)).runs()
    assert (run.kind, run.status) == ("plan", "failed")


def test_a_server_that_refuses_is_an_error(preview, server):
    server.otherwise = fails(401, "wrong key")
    with pytest.raises(ModelUnavailable):
        preview()


def test_what_planning_cost_is_told_and_journalled(preview, server, opened):
    server.play(GOOD)
    [use] = preview().spent
    assert (use.role, use.spending.tokens) == ("planner", 15)
    journal = Journal(Database.open(opened))
    [run] = journal.runs()
    assert (run.kind, run.status) == ("plan", "finished") and journal.get(run.id, "plan", Plan) is not None


def test_without_a_model_no_run_is_begun_and_the_library_stays_as_it_is(preview, opened, library):
    made = preview(model="none")
    assert made.plan.planner == "CardPlanner" and made.spent == ()
    assert Journal(Database.open(opened)).runs() == [] and library.list(all_versions=True) == []


def test_an_unknown_price_is_no_price(preview, server):
    server.play(GOOD)
    estimate = preview().estimate
    assert estimate.usd is None and estimate.unpriced == (f"vllm:tiny@{server.url}",)
    assert estimate.num_requests == 2 * 48 and estimate.tokens > 0


def test_a_known_price_makes_money_of_tokens(library, opened):
    listed = ListedPrice(input=1.0, output=1.0, as_of="2026-01-31", source="here")
    plan = Plan(text="a", planner="p", sub_tasks=[SubTask(text="a", env_id=LANDER.id, task="land")], rationale="")
    records = Records(library, Journal(Database.open(opened)))
    estimate = estimate_plan(plan, LANDER, Helpers(["x:y"], []), records, PriceList({"x:y": listed}))
    assert estimate.usd == pytest.approx(estimate.tokens / 1e6)


def test_the_speed_is_what_the_newest_skills_of_this_world_measured(preview, library, make_skill):
    for number, seconds in enumerate([100.0, 200.0, 400.0]):
        library.store(make_skill(name=f"hover-{number}", wall_time_s=seconds))
    estimate = preview("land", model="none").estimate
    assert estimate.steps_per_s == 5000.0 and "median of the last 3" in estimate.speed_source


def test_the_steps_are_those_that_a_run_of_the_same_request_may_take(preview, opened):
    run_id = begin_run(opened, RunRequest(text="land", env=LANDER.id))
    config = Journal(Database.open(opened)).run(run_id).read_config(Settled).evolution
    estimate = preview("land", model="none").estimate
    assert 0.98 * estimate.env_steps < config.total_timesteps <= estimate.env_steps


def test_the_requests_are_those_that_a_run_asks_for(preview, opened, server):
    run_id = begin_run(opened, RunRequest(text="land", env=LANDER.id))
    config = Journal(Database.open(opened)).run(run_id).read_config(Settled).evolution
    server.play(reply(written()))
    assert preview().estimate.num_requests == config.num_candidates * config.num_generations


def test_an_empty_sentence_is_refused():
    with pytest.raises(ConfigError, match="the task is empty"):
        find_world("  ", None)
