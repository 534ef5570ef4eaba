"""What every planner promises, whoever thinks for it."""

import json

import pytest

from skillwright.agents import RunRequest
from skillwright.agents.crew import Crew, settle_roles
from skillwright.agents.planner import CardPlanner
from skillwright.agents.planners.beginnings import observe_beginnings
from skillwright.agents.planners.checks import Outlook, check_plan, in_order
from skillwright.agents.planners.usable_skills import usable_skills
from skillwright.agents.planning import make_planner
from skillwright.agents.run_types import Plan
from skillwright.core import ArtifactStore, Home, NotFound
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.serialising import from_json, to_json
from skillwright.core.steps import Steps
from skillwright.envs import find_card
from skillwright.rewards.progress import Silent
from skillwright.skills.library import Library

from ..integration.model_server import ModelServer, says

LANDER = find_card("LunarLander-v3")
STEP = {
    "id": "hover", "text": "Hover.", "env": LANDER.id, "task": "hover", "changes": ["y"], "start": "Anywhere.",
    "starts_where": [{"field": "y", "component": None, "at_least": 1.0, "at_most": None}], "success": "It hovers.",
    "reuse": None, "depends_on": [],
}  # fmt: skip
LAST = {**STEP, "id": "land", "task": "land", "depends_on": ["hover"]}
TEXTS = ["Land softly", "Hover, then move over the pad, then land", "🚀", "x" * 2000, "1. hover\n2. land"]


@pytest.fixture
def library(home):
    opened = Home.open(home)
    return Library(Database.open(opened), ArtifactStore(opened.artifacts))


def with_model(home, library, server):
    pytest.importorskip("langchain_openai")
    request = RunRequest(text="x", env=LANDER.id, model=f"vllm:tiny@{server.url}")
    journal = Journal(Database.open(home))
    steps = Steps(journal, journal.start_run(kind="plan", config=request, seed=0).id)
    return make_planner(Crew(request, settle_roles(request, home), home, steps, Silent()), library)


@pytest.fixture(params=["card", "card that splits", "model", "model that fails"])
def planner(request, home, library):
    steps = [STEP, LAST] if request.param == "model" else []
    with ModelServer() as server:
        server.otherwise = says(json.dumps({"rationale": "So.", "sub_tasks": steps}))
        if request.param.startswith("card"):
            yield CardPlanner(library, splits="splits" in request.param)
        else:
            yield with_model(Home.open(home), library, server)


@pytest.mark.parametrize("text", TEXTS)
def test_every_plan_passes_the_checks_and_is_in_order(planner, library, text):
    plan = planner.plan(RunRequest(text=text, env=LANDER.id), LANDER)
    outlook = Outlook(card=LANDER, skills=usable_skills(library, LANDER), beginnings=observe_beginnings(LANDER))
    if len(text) <= 500:
        check_plan(plan.sub_tasks, outlook)
    assert in_order(plan.sub_tasks) == plan.sub_tasks != []


@pytest.mark.parametrize("text", TEXTS)
def test_every_plan_keeps_the_sentence_and_says_who_planned_and_why(planner, text):
    plan = planner.plan(RunRequest(text=text, env=LANDER.id), LANDER)
    assert plan.text == text and plan.planner in ("CardPlanner", "LLMPlanner") and plan.rationale


def test_every_plan_can_be_journalled(planner):
    plan = planner.plan(RunRequest(text=TEXTS[1], env=LANDER.id), LANDER)
    assert from_json(Plan, to_json(plan)) == plan


def test_a_task_that_is_asked_for_is_taken(planner):
    plan = planner.plan(RunRequest(text="Land", env=LANDER.id, task="hover"), LANDER)
    assert [one.task for one in plan.sub_tasks] == ["hover"]


def test_an_unknown_task_is_refused_with_what_is_near(planner):
    with pytest.raises(NotFound, match="did you mean 'hover'"):
        planner.plan(RunRequest(text="Land", env=LANDER.id, task="hovr"), LANDER)
