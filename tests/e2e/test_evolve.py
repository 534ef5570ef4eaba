"""``skillwright evolve`` as a person drives it, with a language model that writes on loopback."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.journal import Journal
from skillwright.llm.exchanges import read_exchanges

from ..integration.model_server import ModelServer, silence
from ..integration.reward_writer import RewardWriter
from ..integration.small_cartpole import make_project

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

COMMAND = str(Path(sys.executable).with_name("skillwright"))
SECRET = "sk-canary-0123456789abcdefghijklmnop"
GOES_LEFT = "Keep the cart left of the middle, please"
SMALL = ("--candidates", "2", "--generations", "1", "--timesteps", "6000", "--workers", "1")
TWO_GENERATIONS = ("--candidates", "2", "--generations", "2", "--timesteps", "6000", "--workers", "1")
PATIENCE_S = 240.0
COSTLY = {"prompt_tokens": 4000, "completion_tokens": 8000, "total_tokens": 12000}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def writer():
    return RewardWriter()


@pytest.fixture
def server(writer):
    with ModelServer() as server:
        server.otherwise = writer
        yield server


@pytest.fixture
def environment(project, monkeypatch):
    """What every command of a test finds: the small CartPole, and a key that nobody may see."""
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(project))
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def model(server, environment):
    return "--model", f"vllm:tiny@{server.url}"


STARTED = []


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.wait()


def start(*words, **options):
    """Starts a command that ends with its test at the latest."""
    defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    STARTED.append(subprocess.Popen([COMMAND, *words], start_new_session=True, **{**defaults, **options}))
    return STARTED[-1]


def skillwright(*words, **variables):
    """Runs a command without a terminal."""
    process = start(*words, text=True, env={**os.environ, **variables})
    stdout, stderr = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in stderr, stderr
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)


def refused(*words):
    """Runs a command that a person has to mend; returns what it said."""
    done = skillwright(*words)
    assert (done.returncode, done.stderr[:7]) == (2, "error: "), done.stdout + done.stderr
    return done.stderr


def at_terminal(*words, question, answer):
    """Runs a command at a terminal and answers a question; returns its status and all that was shown."""
    ours, theirs = pty.openpty()
    process = start(*words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, is_answered, deadline = b"", False, time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 4096)
            except OSError:  # the command has closed its end
                break
        if not is_answered and question.encode() in shown:
            os.write(ours, f"{answer}\n".encode())
            is_answered = True
    os.close(ours)  # who still waits for an answer ends now
    status = process.wait(PATIENCE_S)
    text = " ".join(shown.decode(errors="replace").split())
    assert is_answered, text
    return status, text


def runs():
    return json.loads(skillwright("runs", "list", "--json").stdout)


def newest_run():
    return json.loads(skillwright("runs", "show", runs()[0]["id"], "--json").stdout)


def outcome(run):
    """All that a run found, without who wrote it."""
    generations = [
        {**generation, "candidates": [{**one, "author": ""} for one in generation["candidates"]]}
        for generation in run["generations"]
    ]
    return generations, run["finals"], run["held_out"], run["skill"]["policy"], run["skill"]["lineage"]["candidate_id"]


def prompts(writer):
    return [request.prompt for request in writer.requests]


def test_a_run_prints_what_the_model_cost_writes_a_report_and_keeps_the_key_to_itself(
    environment, server, writer, home
):
    """The key is really in use: the server hears it."""
    printed = skillwright(
        "evolve", "CartPole-v1", "--model", "openai:gpt-5-mini", *TWO_GENERATIONS, OPENAI_BASE_URL=server.url
    )
    assert printed.returncode in (0, 1), printed.stderr
    assert {request.key for request in writer.requests} == {SECRET}
    told = " ".join(printed.stdout.split())
    assert f"openai:gpt-5-mini: {len(writer.requests)} requests, {15 * len(writer.requests)} tokens, $0.0" in told
    [report] = [Path(word) for word in printed.stdout.split() if word.endswith("report.html")]
    assert "openai:gpt-5-mini" in report.read_text(encoding="utf-8")
    shown = skillwright("runs", "show", runs()[0]["id"], "--json").stdout
    assert SECRET not in printed.stdout + printed.stderr + shown
    files = [path for path in home.rglob("*") if path.is_file()]
    assert home / "skillwright.db" in files
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_a_replay_repeats_the_run_without_a_server(model, server, writer, tmp_path):
    skillwright("evolve", "CartPole-v1", *model, *TWO_GENERATIONS)
    recorded = newest_run()
    num_requests = len(writer.requests)
    file = tmp_path / "run.jsonl"
    wrote = skillwright("models", "replay", recorded["overview"]["id"], "--to", str(file))
    assert wrote.returncode == 0, wrote.stderr

    replayed = skillwright("evolve", "CartPole-v1", "--model", f"replay:{file}", *TWO_GENERATIONS)

    assert replayed.returncode in (0, 1), replayed.stderr
    assert len(writer.requests) == num_requests
    assert outcome(newest_run()) == outcome(recorded)
    assert {one["author"] for one in newest_run()["generations"][0]["candidates"]} == {f"replay:{file}"}


def test_a_task_of_ones_own_waits_for_a_terminal_and_goes_on_there(model, writer):
    told = refused("evolve", "CartPole-v1", "--task", GOES_LEFT, *model, *SMALL)
    assert "return len(n.x) >= 50 and n.x[-1] < -0.2" in told and "return float(-n.x.mean())" in told
    assert "The cart is left of -0.2 m at the end of an episode of at least 50 steps." in told
    assert "random behaviour" in told and "--yes" in told
    [run] = runs()
    assert f"skillwright resume {run['id']}" in told
    assert len(writer.requests) == 1

    status, shown = at_terminal("resume", run["id"], question="[y/N]", answer="y")

    assert status in (0, 1), shown
    assert "len(n.x) >= 50 and n.x[-1] < -0.2" in shown
    assert sum("You decide how a task is judged" in prompt for prompt in prompts(writer)) == 1
    assert newest_run()["overview"]["status"] == "finished"


def test_who_declines_what_was_understood_gets_no_reward_written(model, writer):
    status, shown = at_terminal(
        "evolve", "CartPole-v1", "--task", GOES_LEFT, *model, *SMALL, question="[y/N]", answer="n"
    )
    assert status == 2
    assert "the task was not confirmed; say it in other words" in shown
    assert len(writer.requests) == 1


def test_with_yes_a_task_of_ones_own_goes_through_and_its_programs_stay_out_of_the_writers_sight(model, writer):
    done = skillwright("evolve", "CartPole-v1", "--task", GOES_LEFT, "--yes", *model, *SMALL)
    assert done.returncode in (0, 1), done.stderr
    assert "len(n.x) >= 50 and n.x[-1] < -0.2" in done.stdout
    judges, *rewards = prompts(writer)
    assert "You decide how a task is judged" in judges
    assert rewards and all(GOES_LEFT in prompt for prompt in rewards)
    assert [prompt for prompt in rewards if "-0.2" in prompt or "n.x.mean()" in prompt] == []
    assert newest_run()["skill"]["task"] == "keep_the_cart_left_of_the_middle_please"


def test_without_a_model_a_task_of_ones_own_says_how_to_write_its_programs(environment):
    told = refused("evolve", "CartPole-v1", "--task", GOES_LEFT)
    assert "`success` and `fitness`" in told and "docs/cards.md" in told and "--model" in told


def test_model_and_search_share_a_generation(model):
    done = skillwright("evolve", "CartPole-v1", *model, *SMALL, "--proposer", "both")
    assert done.returncode in (0, 1), done.stderr
    authors = {one["author"] for one in newest_run()["generations"][0]["candidates"]}
    assert authors == {model[1], "search"}


def test_feedback_without_a_terminal_is_refused(model, server):
    assert "nobody is at a terminal" in refused("evolve", "CartPole-v1", *model, *SMALL, "--feedback")
    assert (server.requests, runs()) == ([], [])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("CartPole-v1", "--proposer", "serch"), "did you mean 'search'"),
        (("CartPole-v1/balanse",), "did you mean 'balance'"),
        (("CartPole-v1", "--agent", "defualt"), "did you mean 'default'"),
        (("CartPol-v1",), "did you mean"),
    ],
)
def test_a_mistyped_name_is_refused_with_a_suggestion(words, text, environment):
    assert text in refused("evolve", *words, *SMALL)
    assert runs() == []


def test_a_limit_below_one_question_is_refused_before_anything_is_asked(model, server):
    told = refused("evolve", "CartPole-v1", *model, *SMALL, "--max-tokens", "1000")
    assert "1,000" in told and "tokens" in told
    assert server.requests == []


def test_a_budget_that_ends_in_the_middle_ends_with_what_there_is(model, server):
    server.otherwise = RewardWriter(share_broken=0.0, usage=COSTLY)
    done = skillwright("evolve", "CartPole-v1", *model, *TWO_GENERATIONS, "--max-tokens", "20000")
    assert done.returncode in (0, 1), done.stderr
    assert "No further proposals: " in done.stdout
    run = newest_run()
    assert [len(one["trained"]) for one in run["generations"] if one["candidates"]] == [2]
    assert run["skill"] and run["overview"]["status"] == "finished"


def test_the_best_rewards_of_an_earlier_run_are_tried_first(model):
    skillwright("evolve", "CartPole-v1", *model, *SMALL)
    earlier = newest_run()
    done = skillwright("evolve", "CartPole-v1", "--from", earlier["overview"]["id"], *TWO_GENERATIONS)
    assert done.returncode in (0, 1), done.stderr
    first = newest_run()["generations"][0]["candidates"][:2]
    assert [one["operator"] for one in first] == ["inherited"] * 2
    known = {one["program"]["source"] for one in earlier["generations"][0]["candidates"]}
    assert {one["program"]["source"] for one in first} <= known


def test_what_a_person_says_of_a_generation_reaches_the_next_prompt(model, writer):
    note = "It wobbles like a drunken stork."
    status, shown = at_terminal(
        "evolve",
        "CartPole-v1",
        *model,
        *TWO_GENERATIONS,
        "--feedback",
        question="What should be different?",
        answer=note,
    )
    assert status in (0, 1), shown
    assert "the best of generation 0" in shown and "generation-0.mp4" in shown
    told = [note in prompt for prompt in prompts(writer)]
    assert any(told) and not told[0]


def test_ctrl_c_while_a_model_is_asked_ends_at_once_and_the_run_can_go_on(model, server, home):
    server.play(silence)
    process = start("evolve", "CartPole-v1", *model, *SMALL)
    deadline = time.monotonic() + PATIENCE_S
    while not server.requests:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.5)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began < 8.0  # the silence lasts 20 s; unloading the libraries takes its time when busy
    assert process.returncode == 130
    [run] = runs()
    assert run["status"] == "interrupted"
    assert re.search(rf"Interrupted\. Resume with: \S*skillwright resume {run['id']}", err.decode())

    done = skillwright("resume", run["id"])

    assert done.returncode in (0, 1), done.stderr
    journal = Journal(Database.open(Home.open(home)))
    paid = [one for one in read_exchanges(journal, run["id"]) if one.replies]
    assert len(server.requests) == 1 + len(paid)
