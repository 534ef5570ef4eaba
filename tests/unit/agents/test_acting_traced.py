"""What skills do in an episode is told skill by skill, not step by step."""

import pytest

from skillwright.agents.acting.trial import ProgramTask, try_program
from skillwright.core import Home, tracing
from skillwright.core.tracing import trace

from .programs import CARD, TASK, troupe_in

PROGRAM = 'def skill(s, run):\n    run("push-right")\n    run("balance")\n    run("push-right")\n'


class Ears:
    def __init__(self):
        self.spans = []

    def span(self, record):
        self.spans.append(record)

    def log(self, record):
        pass

    def close(self):
        pass

    def named(self, name):
        return [one for one in self.spans if one.name == name]


@pytest.fixture
def ears(home):
    listening = Ears()
    tracing.send_to(listening)
    with trace("act"):
        list(try_program(PROGRAM, ProgramTask(card=CARD, task=TASK, step_limit=500), troupe_in(Home.open(home)), [0]))
    tracing.close_sinks()
    return listening


def test_every_skill_that_acts_is_a_span_with_its_steps(ears):
    told = [one.attributes for one in ears.named("act.skill") if one.attributes]
    assert [(one["skill"], one["steps"], one["succeeded"]) for one in told] == [
        ("push-right@1", 3, False),
        ("balance@1", 497, False),
    ]


def test_skills_lie_in_the_program_that_asks_for_them(ears):
    [program], [conversation] = (
        ears.named("act.program"),
        [one for one in ears.named("sandbox") if one.attributes["does"] == "converse"],
    )
    assert conversation.parent_id == program.span_id
    assert {one.parent_id for one in ears.named("act.skill")} == {conversation.span_id}


def test_looking_whether_a_policy_is_done_is_not_told_of(ears):
    """It is looked for every five steps."""
    assert len(ears.named("sandbox")) == 2


def test_the_end_of_the_world_is_no_error(ears):
    assert {one.status for one in ears.spans} == {"ok"}
