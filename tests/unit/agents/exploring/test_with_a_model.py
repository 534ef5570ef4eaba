"""A language model on loopback sets the tasks, plans and plans anew; all of them by a script."""

import json

import pytest

from skillwright.agents.exploring.explorer import ExploreRequest
from skillwright.agents.exploring.exploring import begin_exploration, carry_out_exploration
from skillwright.rewards.progress import Silent

from ....integration.model_server import ModelServer, says
from ..small_world import WORLD, small_request

pytest.importorskip("langchain_openai")


class Model:
    """Answers by what it is asked, and keeps the questions of each kind."""

    def __init__(self, server):
        self.server = server
        self.tasks, self.plans = [], []
        server.otherwise = self.answer

    def answer(self, handler, body, number):
        question = body["messages"][0]["content"] + body["messages"][-1]["content"]
        if "You set the next task" in question:
            return says(json.dumps(self.tasks.pop(0)))(handler, body, number)
        if "You plan what an agent" in question:
            return says(json.dumps(self.plans.pop(0)))(handler, body, number)
        source = 'def reward(s, a, n):\n    return {"alive": 1.0 - n.terminated}\n'
        return says(json.dumps({"rationale": "Stay up.", "source": source}))(handler, body, number)

    def questions(self, beginning):
        texts = [
            request["messages"][0]["content"] + request["messages"][-1]["content"] for request in self.server.requests
        ]
        return [text for text in texts if beginning in text]


@pytest.fixture
def model():
    with ModelServer() as server:
        yield Model(server)


def spec(model):
    return f"vllm:tiny@{model.server.url}"


def goal(text, task):
    return {"rationale": "It is next.", "text": text, "task": task}


def step(name, *, reuse=None, after=()):
    return {
        "id": name, "text": f"Do {name}.", "env": WORLD, "task": name, "changes": ["x"], "start": "Anywhere.",
        "starts_where": [], "success": "It is done.", "reuse": reuse, "depends_on": list(after),
    }  # fmt: skip


def plan(*steps):
    return {"rationale": "One after the other.", "sub_tasks": list(steps)}


def learn(place, model, **limits):
    run = small_request("", model=spec(model), proposer="search")
    run_id = begin_exploration(place.home, ExploreRequest(run=run, max_seconds=600, **limits))
    return carry_out_exploration(place.home, run_id, Silent(), lambda record: None)


def test_a_model_sets_the_tasks_and_is_shown_what_became_of_them(place, model):
    model.tasks = [goal("Stay steady for 5 steps", "steady"), goal("Steady, then wander", None)]
    model.plans = [plan(step("steady", reuse="stay-steady-for-5-steps@1"), step("wander", after=["steady"]))]
    done = learn(place, model, max_goals=2)
    assert [outcome.is_verified for _, outcome in done.past] == [True, True]
    assert done.curriculum == "LLMCurriculum" and done.spent.num_requests == 2
    first, second = model.questions("You set the next task")
    assert "Nothing yet." in first and "`stay-steady-for-5-steps@1`" not in first
    assert '`stay-steady-for-5-steps@1`: "Stay steady for 5 steps"' in second
    assert '"Stay steady for 5 steps": learned, succeeded in' in second


def test_a_task_that_nobody_can_learn_is_refused_once_and_then_the_card_decides(place, model):
    model.tasks = [goal("Fly", "flying"), goal("Fly", "flying")]
    done = learn(place, model, max_goals=1)
    _, refused = model.questions("You set the next task")
    assert "The card has no task 'flying'; it has steady, wander, impossible" in refused
    assert done.past[0][0].kind == "task" and "tasks it is the one nearest" in done.past[0][0].reason


def test_what_is_learned_is_not_set_again(place, model):
    model.tasks = [goal("Stay steady", "steady"), goal("stay  STEADY", "steady"), goal("Wander", "wander")]
    done = learn(place, model, max_goals=2)
    assert [one.task for one, _ in done.past] == ["steady", "wander"]
    assert "This is learned already" in model.questions("You set the next task")[-1]


def test_a_model_plans_anew_and_sees_how_far_its_plan_came(place, model):
    model.plans = [
        plan(step("steady"), step("impossible", after=["steady"])),
        plan(step("steady", reuse="do-steady@1"), step("wander", after=["steady"])),
    ]
    record = place.run("Stay steady, then do something else", model=spec(model), proposer="search", max_replans=1)
    assert record.skill.status == "verified" and record.skill.lineage.planner == "LLMPlanner"
    assert [attempt.is_stored for attempt in record.attempts] == [False, True]
    assert [part.made is None for part in record.parts] == [True, False]
    again = model.questions("What came of the plan before")[-1]
    assert "impossible (do-impossible@1): done in 0 of the 20 episodes in which its turn came" in again
    assert "`do-steady@1` does the task `steady`" in again
