"""An agent sets itself tasks, learns them, puts them together, and knows when to stop."""

import pytest

from skillwright.agents.exploring.explorer import ExploreRequest
from skillwright.agents.exploring.exploring import begin_exploration, carry_out_exploration
from skillwright.core import ConfigError
from skillwright.rewards.progress import Silent

from ..small_world import small_request


class Agent:
    """Begins agents and keeps the records they finish."""

    def __init__(self, place):
        self.place = place
        self.finished = []

    def begin(self, max_seconds=600.0, max_goals=None, **changes):
        request = ExploreRequest(run=small_request("", **changes), max_seconds=max_seconds, max_goals=max_goals)
        return begin_exploration(self.place.home, request)

    def carry_out(self, run_id, observer=None):
        return carry_out_exploration(self.place.home, run_id, observer or Silent(), self.finished.append)


@pytest.fixture
def agent(place):
    return Agent(place)


def kinds(done):
    return [goal.kind for goal, _ in done.past]


def test_an_agent_learns_the_tasks_puts_them_together_tries_again_what_failed_and_then_has_nothing_left(agent):
    done = agent.carry_out(agent.begin())
    assert kinds(done) == ["task", "task", "task", "together", "together", "again", "again"]
    assert sorted(goal.task for goal, _ in done.past[:3]) == ["impossible", "steady", "wander"]
    learned = [goal.text for goal, outcome in done.past if outcome.is_verified]
    assert len(learned) == done.num_learned == 4 and {"steady, then wander", "wander, then steady"} <= set(learned)
    again = [goal for goal, _ in done.past if goal.kind == "again"]
    assert [goal.effort for goal in again] == [2, 4] and all(goal.task == "impossible" for goal in again)
    assert again[1].from_run == done.past[5][1].run_id
    assert done.unfinished is None and "Every task is learned" in done.stopped
    assert [record.run_id for record in agent.finished] == [outcome.run_id for _, outcome in done.past]

    more = agent.carry_out(agent.begin(max_goals=1))
    assert kinds(more) == ["task"] and more.past[0][0].task == "impossible", "what the library has is not learned again"


class Interrupts(Silent):
    """Interrupts at the so manieth line that has a text."""

    def __init__(self, text, times=1):
        self.text = text
        self.left = times

    def said(self, line):
        self.left -= self.text in line
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("text", ["Goal 2: ", "Plan: ", "Goal 1: stay"])
def test_an_interrupted_agent_goes_on_and_learns_nothing_twice(agent, text):
    run_id = agent.begin(max_goals=2)
    with pytest.raises(KeyboardInterrupt):
        agent.carry_out(run_id, Interrupts(text))
    done = agent.carry_out(run_id)
    assert kinds(done) == ["task", "task"] and len({goal.task for goal, _ in done.past}) == 2
    assert len(agent.place.journal.runs()) == 3, "a run of its own for each goal, and that of the agent"
    assert agent.carry_out(run_id).past == done.past and len(agent.place.journal.runs()) == 3


def test_the_end_of_the_time_cuts_a_run_off_so_that_it_can_be_resumed(agent):
    run_id = agent.begin(max_seconds=1.5, total_timesteps=400_000)
    done = agent.carry_out(run_id)
    assert done.stopped == "The time is used up." and done.past == [] and done.unfinished
    assert agent.place.journal.run(done.unfinished).status == "interrupted"
    assert agent.place.journal.run(run_id).status == "finished"
    again = agent.carry_out(run_id)
    assert again.unfinished == done.unfinished and len(agent.place.journal.runs()) == 2


@pytest.mark.parametrize(
    ("changes", "why"), [({"max_seconds": 0.0}, "more than 0 seconds"), ({"max_goals": 0}, "1 goal")]
)
def test_numbers_that_make_no_sense_are_refused(agent, changes, why):
    with pytest.raises(ConfigError, match=why):
        agent.begin(**changes)
    assert agent.place.journal.runs() == []
