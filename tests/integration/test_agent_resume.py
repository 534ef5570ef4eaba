"""An agent that is killed again and again learns the same as one that nobody disturbed, and nothing twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from ..unit.agents.small_world import WORLD, make_project

pytestmark = pytest.mark.slow

SIZES = ["--candidates", "2", "--generations", "1", "--timesteps", "2816", "--workers", "1"]
NUM_KILLS = 4


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def skillwright(project, tmp_path):
    def start(home, *words):
        environment = {**os.environ, "SKILLWRIGHT_PROJECT": str(project), "SKILLWRIGHT_HOME": str(tmp_path / home)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        return subprocess.Popen([sys.executable, "-m", "skillwright", *words], env=environment, **pipes)

    return start


def told(process):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return json.loads(output)


def learned(done):
    return [
        (goal["text"], goal["kind"], outcome["skill"], outcome["success_rate"], outcome["env_steps"])
        for goal, outcome in done["past"]
    ]


def test_a_killed_agent_learns_what_an_undisturbed_one_does(skillwright):
    undisturbed = told(skillwright("whole", "agent", "--env", WORLD, "--goals", "4", *SIZES, "--json"))
    assert len(undisturbed["past"]) == 4
    chance = random.Random(3)
    first = skillwright("killed", "agent", "--env", WORLD, "--goals", "4", *SIZES, "--json")
    _kill_after(first, 6.0)
    runs = json.loads(skillwright("killed", "runs", "list", "--json").communicate()[0])
    [run_id] = [run["id"] for run in runs if run["kind"] == "agent"]
    for _ in range(NUM_KILLS - 1):
        _kill_after(skillwright("killed", "resume", run_id, "--json"), chance.uniform(1.5, 5.0))
    done = told(skillwright("killed", "resume", run_id, "--json"))
    assert learned(done) == learned(undisturbed)
    runs = json.loads(skillwright("killed", "runs", "list", "--json").communicate()[0])
    begun = [outcome["run_id"] for _, outcome in done["past"]]
    assert len(set(begun)) == 4
    assert len(runs) <= 1 + 4 + NUM_KILLS, "a kill may leave one begun run that nobody took up, and no more"


def _kill_after(process, seconds):
    """Kills a program, unless it has ended by itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.communicate()
