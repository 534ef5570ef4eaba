"""A model writes a skill as a program and repairs it against the world; asked through the real client, on loopback."""

import json
import threading

import pytest

from skillwright.agents.programming import ProgramRequest, begin_program, carry_out_program
from skillwright.core import ConfigError, Home, NotFound, ProgramRejected
from skillwright.rewards.progress import Silent

from ..unit.agents.programs import troupe_in
from .model_server import ModelServer, says

WORLD = "classic_control/CartPole-v1"
PUSHES = 'def skill(s, run):\n    """Push."""\n    while True:\n        run("push-right")\n'
CRASHES = (
    'def skill(s, run):\n    """Look."""\n    s = run("push-right")\n    if s.height > 0:\n        run("balance")\n'
)
WORKS = 'def skill(s, run):\n    """Balance."""\n    run("push-right")\n    run("balance")\n'


class Coder:
    """Is the ``otherwise`` of a ``ModelServer``: gives one program after another, the last one for ever."""

    def __init__(self, *sources):
        self.sources = list(sources)
        self.prompts = []
        self._lock = threading.Lock()

    def __call__(self, handler, body, number):
        with self._lock:
            self.prompts.append(str(body["messages"][0]["content"]))
            source = self.sources.pop(0) if len(self.sources) > 1 else self.sources[0]
        says(json.dumps({"rationale": "It should do.", "source": source}))(handler, body, number)


@pytest.fixture
def opened(home):
    home = Home.open(home)
    troupe_in(home)
    return home


@pytest.fixture
def server():
    with ModelServer() as server:
        yield server


def write(opened, server, *sources, **changes):
    server.otherwise = coder = Coder(*sources)
    request = ProgramRequest(world=WORLD, name="steady", num_held_out=5, model=f"vllm:tiny@{server.url}", **changes)
    run_id = begin_program(opened, request)
    return carry_out_program(opened, run_id, Silent()), coder


def test_the_trace_of_a_failure_reaches_the_model_and_its_repair_is_stored_verified(opened, server):
    record, coder = write(opened, server, CRASHES, PUSHES, WORKS)
    assert record.skill.status == "verified" and record.skill.kind == "program"
    assert record.skill.dependencies == ("push-right@1", "balance@1")
    assert record.skill.lineage.proposer == "coder" and record.num_attempts == 3
    first, second, third = coder.prompts
    assert "`balance` (policy)" in first and "Attempt" not in first
    assert "line 4: AttributeError: the state has no field 'height'" in second
    assert "0 of 8 episodes succeeded" in third and 'run("push-right@1") took 3 steps' in third
    assert "def success" not in third and "def fitness" not in third


def test_after_four_turns_the_best_attempt_is_kept_as_failed(opened, server):
    record, coder = write(opened, server, PUSHES)
    assert record.skill.status == "failed" and record.num_attempts == 4 == len(coder.prompts)


def test_a_finished_run_is_carried_out_again_without_asking(opened, server):
    record, coder = write(opened, server, WORKS)
    again = carry_out_program(opened, record.run_id, Silent())
    assert again.skill == record.skill and len(coder.prompts) == 1


def test_what_is_outside_the_language_goes_back_before_it_is_run(opened, server):
    record, coder = write(opened, server, "import os\n" + WORKS, WORKS)
    assert record.skill.status == "verified" and record.num_attempts == 1
    assert len(coder.prompts) == 2


def test_a_persons_own_program_needs_no_model(opened):
    run_id = begin_program(opened, ProgramRequest(world=WORLD, name="steady", num_held_out=5, source=WORKS))
    record = carry_out_program(opened, run_id, Silent())
    assert (record.skill.status, record.skill.lineage.proposer) == ("verified", "person")
    assert record.skill.evidence.success_rate == 1.0


@pytest.mark.parametrize(
    ("changes", "error", "why"),
    [
        ({}, ConfigError, "--program FILE"),
        ({"source": WORKS, "name": "No Name"}, ConfigError, "'no-name'"),
        ({"source": "def skill(s, run):\n    open('x')"}, ProgramRejected, "open"),
        ({"source": 'def skill(s, run):\n    run("fly")'}, ProgramRejected, "fly"),
        ({"world": "classic_control/Nothing-v1", "source": WORKS}, NotFound, "Nothing-v1"),
        ({"model": "vllm:tiny@http://127.0.0.1:9/v1", "world": "Pendulum-v1"}, ConfigError, "no verified skill"),
    ],
)
def test_what_cannot_be_met_is_refused_and_leaves_no_run(opened, changes, error, why):
    before = sorted(opened.path.rglob("runs/*"))
    with pytest.raises(error, match=why):
        begin_program(opened, ProgramRequest(**{"world": WORLD, **changes}))
    assert sorted(opened.path.rglob("runs/*")) == before
