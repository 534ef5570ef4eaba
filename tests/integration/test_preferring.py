"""A person at a terminal chooses between clips, is interrupted, and comes back."""

import json
import os
import pty
import select
import subprocess
import sys
import termios
import time

import numpy as np
import pytest
from pydantic import BaseModel

from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.envs import EnvCard, find_card
from skillwright.learners import Policy, PolicySpec
from skillwright.rewards.records import Judgement, Screened, Trained, TrainedShard

pytest.importorskip("torch")
pytest.importorskip("imageio_ffmpeg")
pytestmark = pytest.mark.slow

PROGRAM = """
import sys
import typer
from skillwright.cli import entry, preferring
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
app.command("prefer")(preferring.prefer)
app.callback()(lambda: None)
entry.app = app
sys.exit(entry.run_command_line(sys.argv[1:]))
"""
QUESTION = b"q stop"
ICANON = 3
"""Where the attributes of a terminal say whether it hands lines over, or keys."""
LEFT, RIGHT, DOWN, CTRL_C = b"\x1b[D", b"\x1b[C", b"\x1b[B", b"\x03"


class Config(BaseModel):
    card: EnvCard


@pytest.fixture
def run_id(home):
    """A run that has trained one policy, which does nothing."""
    opened = Home.open()
    card = find_card("Pendulum-v1").model_copy(update={"horizon": 12})
    spec = PolicySpec(env_id=card.id, observation_size=3, action_kind="continuous", num_layers=1)
    tensors = {
        "mean": np.zeros(3), "scale": np.ones(3), "weight_0": np.zeros((3, 1)), "bias_0": np.zeros(1),
        "low": np.array([-2.0]), "high": np.array([2.0]),
    }  # fmt: skip
    policy = Policy(spec=spec, tensors={name: value.astype(np.float32) for name, value in tensors.items()})
    judgement = Judgement(
        num_episodes=1, success_rate=None, success_interval=None, fitness=0.0, fitness_interval=(0, 0), env_return=0,
        episode_length=12,
    )  # fmt: skip
    sha = ArtifactStore(opened.artifacts).put(policy.to_bytes())
    trained = Trained(candidate_id="g0-c00", seed=0, timesteps=1, policy=sha, curve=[], judgement=judgement)
    journal = Journal(Database.open(opened))
    run = journal.start_run(kind="run", config=Config(card=card), seed=0)
    journal.once(run.id, "g0/screened", Screened, lambda: Screened(candidates=[], screenings=[]))
    journal.once(run.id, "g0/shard-0", TrainedShard, lambda: TrainedShard(trained=[trained]))
    return run.id


def sit(arguments, keys):
    """Runs the command in a terminal of its own and answers each question with the next key."""
    pid, terminal = pty.fork()
    if pid == 0:
        for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(variable, None)
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, "prefer", *arguments])
    written, answered, deadline = b"", 0, time.monotonic() + 240
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                written += os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
        if answered < len(keys) and written.count(QUESTION) > answered and _waits_for_a_key(terminal):
            os.write(terminal, keys[answered])
            answered += 1
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), written.decode(errors="replace")


def _waits_for_a_key(terminal):
    """Says whether the terminal hands over keys; what is typed before is dropped."""
    return not termios.tcgetattr(terminal)[ICANON] & termios.ICANON


def test_choices_survive_ctrl_c_and_stopping_and_become_a_reward(run_id):
    command = [run_id, "--pairs", "6"]

    status, text = sit(command, [LEFT, DOWN, CTRL_C])
    assert status == 130
    assert f"2 of 6 choices are kept. Go on with: skillwright prefer {run_id} --pairs 6 --seed 0" in text

    status, text = sit(command, [RIGHT, b"q"])
    assert status == 0
    assert "3 of 6" in text and "1 of 6" not in text
    assert "3 choices are kept. Go on with the same command." in text

    status, text = sit(command, [RIGHT, RIGHT, LEFT])
    assert status == 0
    assert "skillwright evolve classic_control/Pendulum-v1 --preferences" in text

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "prefer", *command, "--json"], capture_output=True, text=True, check=True
    )
    printed = json.loads(done.stdout)
    assert printed["num_choices"] == 6
    assert printed["fitted"]["num_fitted"] == 5
    assert printed["fitted"]["model"] in text


def test_without_a_terminal_the_command_says_what_it_needs(run_id):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "prefer", run_id], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "choosing needs a terminal" in done.stderr
