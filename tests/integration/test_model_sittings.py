"""Processes that ask a model and are cut off: killed, no reply is paid for twice; interrupted, they end at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydantic import BaseModel

from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.llm.exchanges import read_exchanges

from .model_server import ModelServer, fails, says, silence

SITTING = Path(__file__).with_name("asking_sitting.py")
PATIENCE_S = 60.0


class Config(BaseModel):
    pass


@pytest.fixture
def server():
    with ModelServer() as server:
        server.otherwise = says('{"word": "{number}"}')
        yield server


@pytest.fixture
def journal(home):
    return Journal(Database.open(Home.open(home)))


@pytest.fixture
def sit(tmp_path, home, journal, server):
    """Starts sittings of one run."""
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "word.md").write_text("Say a word.")
    run_id = journal.start_run(kind="test", config=Config(), seed=0).id
    processes = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, str(SITTING), str(home), run_id, server.url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "SKILLWRIGHT_PROJECT": str(tmp_path), **environment},
        )  # fmt: skip
        processes.append(process)
        return process

    start.run_id = run_id
    yield start
    for process in processes:
        process.kill()
        process.communicate()


def wait_for_request(server, number):
    deadline = time.monotonic() + PATIENCE_S
    while len(server.requests) < number:
        assert time.monotonic() < deadline, "the sitting did not ask"
        time.sleep(0.01)


def finish(process):
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    return json.loads(out)


def test_a_killed_run_pays_for_no_reply_twice_and_ends_the_same(server, sit, journal):
    server.play(server.otherwise, server.otherwise, silence)
    first = sit()
    wait_for_request(server, 3)
    first.send_signal(signal.SIGKILL)
    first.wait(PATIENCE_S)

    ended = finish(sit())

    assert ended == {"words": ["0", "1", "3", "4"], "tokens": 60}
    seeds = [request["seed"] for request in server.requests]
    assert len(seeds) == 5
    assert seeds[3] == seeds[2]
    assert len(set(seeds)) == 4
    kept = list(read_exchanges(journal, sit.run_id))
    assert [exchange.question.sample for exchange in kept] == [0, 1, 2, 3]
    assert sum(exchange.usage.prompt_tokens for exchange in kept) == 40


def test_a_finished_run_asks_nothing_again(server, sit):
    first = finish(sit())
    assert finish(sit()) == first
    assert len(server.requests) == 4


@pytest.mark.parametrize("trouble", [silence, fails(429, retry_after="30")])
def test_ctrl_c_ends_an_asking_process_at_once(server, sit, trouble):
    server.play(server.otherwise, trouble)
    process = sit()
    wait_for_request(server, 2)
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert (
        time.monotonic() - began < 8.0
    )  # the trouble lasts 20 s or more; unloading LangChain takes 2 s on a busy machine
    assert err.rstrip().endswith("KeyboardInterrupt")


def test_nothing_is_sent_to_a_tracing_service(server, sit):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        finish(sit(LANGSMITH_TRACING="true", LANGSMITH_ENDPOINT=address, LANGSMITH_API_KEY="x"))
        with pytest.raises(TimeoutError):
            listener.accept()
