"""A real run is one trace, whose spans nest, over all its sittings; neither keys nor prompts come into it."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from skillwright.core import tracing
from skillwright.core.tracing import trace, trace_id_of
from skillwright.core.tracing_json import JsonLines

from .model_desk import KEY, ask, ask_one, open_desk, open_project
from .model_server import ModelServer, echoes_the_key, fails, says
from .small_cartpole import make_project

SIZE = ["--candidates", "4", "--generations", "2", "--timesteps", "17408", "--workers", "2", "--model", "none"]
TWO_CLOCKS_S = 0.02
"""A span's start and its duration are read from two clocks, the one a little after the other."""


class Place:
    """A person's folder in which commands are run with a log."""

    def __init__(self, folder):
        self.log = folder / "trace.jsonl"
        project = make_project(folder / "project")
        home = {"SKILLWRIGHT_HOME": str(folder / "home"), "SKILLWRIGHT_PROJECT": str(project)}
        self.environment = {**os.environ, **home, "SKILLWRIGHT_LOG_JSON": str(self.log)}

    def start(self, *arguments):
        command = [sys.executable, "-m", "skillwright", *arguments]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments):
        process = self.start(*arguments)
        out, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return out

    def take(self):
        """Gives the lines written since it was last asked."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        self.log.unlink()
        return lines


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traced")
    (folder / "project").mkdir()
    return Place(folder)


@pytest.fixture(scope="module")
def outcome(place):
    """What an undisturbed run printed, and its spans."""
    out = place.run("run", "Balance the pole", "--env", "CartPole-v1", "--seed", "3", *SIZE, "--json")
    return json.loads(out), place.take()


@pytest.fixture(scope="module")
def spans(outcome):
    return outcome[1]


def named(spans, name):
    return [one for one in spans if one["name"] == name]


def above(spans, one):
    """Names what a span lies in, innermost first."""
    by_id = {other["span_id"]: other for other in spans}
    names = []
    while one["parent_id"]:
        one = by_id[one["parent_id"]]
        names.append(one["name"])
    return names


def seconds(moment):
    return datetime.fromisoformat(moment).timestamp()


def test_a_run_is_one_trace_that_is_named_after_it(outcome, spans):
    assert {one["trace_id"] for one in spans} == {trace_id_of(outcome[0]["run_id"])}


def test_it_has_one_root_and_every_other_span_lies_in_another(spans):
    ids = {one["span_id"] for one in spans}
    assert len(ids) == len(spans)
    assert [one["name"] for one in spans if one["parent_id"] is None] == ["command"]
    assert {one["parent_id"] for one in spans} - {None} <= ids


def test_every_span_lies_within_the_time_of_the_one_around_it(spans):
    by_id = {one["span_id"]: one for one in spans}
    for one in spans:
        if one["parent_id"]:
            around = by_id[one["parent_id"]]
            began, around_began = seconds(one["time"]), seconds(around["time"])
            assert around_began <= began + TWO_CLOCKS_S
            assert began + one["duration_s"] <= around_began + around["duration_s"] + TWO_CLOCKS_S


@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("plan", ["run", "command"]),
        ("screen", ["propose", "generation", "acquire", "run", "command"]),
        ("train.shard", ["train", "generation", "acquire", "run", "command"]),
        ("train.shard", ["train", "finals", "acquire", "run", "command"]),
        ("train.candidate", ["train.shard", "train", "generation", "acquire", "run", "command"]),
        ("judging", ["acquire", "run", "command"]),
        ("sandbox", ["screen", "propose", "generation", "acquire", "run", "command"]),
        ("sandbox", ["begin", "command"]),
        ("film", ["acquire", "run", "command"]),
    ],
)
def test_spans_lie_where_their_work_is_done(spans, name, around):
    assert around in [above(spans, one) for one in named(spans, name)]


def test_every_training_is_told_with_its_env_steps_and_what_it_came_to(outcome, spans):
    trained = named(spans, "train.candidate")
    assert len(trained) == 4 + 4 + 9
    for one in trained:
        assert one["attributes"]["timesteps"] > 0
        assert 0 <= one["attributes"]["success_rate"] <= 1
    shards = sum(one["attributes"]["timesteps"] for one in named(spans, "train.shard"))
    assert shards == sum(one["attributes"]["timesteps"] for one in trained)
    assert shards == outcome[0]["skill"]["evidence"]["training_timesteps"]


def test_the_held_out_judging_is_among_the_judgings(spans):
    stages = [one["attributes"]["stage"] for one in named(spans, "judging")]
    assert stages == ["play-off", "reference-play-off", "held-out"]


def test_the_sandbox_tells_of_calls_not_of_env_steps(spans):
    calls = named(spans, "sandbox")
    assert len(calls) < 100
    assert sum(one["attributes"]["rows"] for one in calls) > 10_000


def test_the_skill_is_named_by_the_span_that_made_it(outcome, spans):
    [made] = named(spans, "acquire")
    skill = outcome[0]["skill"]
    assert made["attributes"]["skill"] == f"{skill['name']}@{skill['version']}"


def test_the_sentence_and_the_programs_are_not_in_the_trace(outcome, spans):
    text = json.dumps(spans)
    assert "Balance the pole" not in text
    assert "def reward" not in text


def test_playing_and_verifying_a_skill_are_traces_of_their_own(place, outcome):
    place.run("skills", "play", "balance-the-pole", "--episodes", "2")
    played = place.take()
    place.run("skills", "verify", "balance-the-pole", "--episodes", "10")
    verified = place.take()
    assert above(played, named(played, "act")[0]) == ["play", "command"]
    assert named(played, "act")[0]["attributes"]["episodes"] == 2
    assert ["act", "verify", "command"] in [above(verified, one) for one in named(verified, "sandbox")]
    assert len({one["trace_id"] for one in played + verified}) == 2


def test_a_skill_that_is_reused_is_judged_within_the_run(place, outcome):
    place.run("run", "Balance the pole", "--env", "CartPole-v1", *SIZE)
    spans = place.take()
    [judging] = named(spans, "judging")
    assert judging["attributes"]["stage"] == "reuse/held-out"
    assert above(spans, judging) == ["run", "command"]
    assert named(spans, "train") == []


def test_a_run_that_was_interrupted_goes_on_with_its_trace(place, outcome):
    process = place.start("run", "Balance it again", "--env", "CartPole-v1", "--seed", "4", *SIZE)
    wait_for_span(place.log, "train.shard", process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    first = place.take()
    [run] = named(first, "run")
    assert (run["status"], run["error"]["type"]) == ("error", "KeyboardInterrupt")
    place.run("resume", run["attributes"]["run_id"])
    second = place.take()
    assert {one["trace_id"] for one in first + second} == {trace_id_of(run["attributes"]["run_id"])}
    shared = {one["span_id"] for one in first} & {one["span_id"] for one in second}
    assert shared == set()
    assert named(second, "plan") == [] and named(second, "train.shard")


def wait_for_span(log, name, process):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if log.exists() and f'"{name}"' in log.read_text():
            return
        time.sleep(0.01)
    pytest.fail(f"no {name} was told of")


@pytest.fixture
def model_log(home, tmp_path, monkeypatch):
    """A desk of askers in a trace, and the lines that were written of what they asked."""
    open_project(tmp_path, monkeypatch)
    log = tmp_path / "models.jsonl"
    with ModelServer() as server:
        desk = open_desk(home, server)
        desk.server = server
        desk.text = lambda: Path(log).read_text()
        desk.told = lambda: [one for one in map(json.loads, desk.text().splitlines()) if one["name"] == "model"]
        tracing.send_to(JsonLines(str(log)))
        with trace("run", desk.run_id):
            yield desk
        tracing.close_sinks()


def test_a_question_to_a_model_is_told_with_its_tokens_and_price(model_log):
    ask_one(model_log.asker())
    [told] = model_log.told()
    known = {key: told["attributes"][key] for key in ("role", "prompt_tokens", "completion_tokens", "usd")}
    assert known == {"role": "planner", "prompt_tokens": 10, "completion_tokens": 5, "usd": pytest.approx(20e-6)}
    assert told["attributes"]["model"].startswith("vllm:tiny@")
    assert (told["attributes"]["cached"], told["attributes"]["replayed"]) == (False, False)


def test_an_answer_from_the_journal_is_told_as_such_and_costs_nothing(model_log):
    ask_one(model_log.asker())
    ask_one(model_log.asker())
    asked, cached = model_log.told()
    assert (asked["attributes"]["cached"], cached["attributes"]["cached"]) == (False, True)
    assert "usd" not in cached["attributes"]
    assert cached["attributes"]["question_sha256"] == asked["attributes"]["question_sha256"]


def test_a_request_that_failed_is_told_beside_the_one_that_came_after_it(model_log):
    model_log.server.play(fails(503))
    ask_one(model_log.asker())
    assert [one["status"] for one in model_log.told()] == ["error", "ok"]


def test_questions_side_by_side_belong_to_the_span_that_asked(model_log):
    model_log.server.otherwise = says('{"word": "w{number}"}')
    ask(model_log.asker(max_requests=4), 4)
    told = model_log.told()
    assert len(told) >= 2
    assert {one["trace_id"] for one in told} == {trace_id_of(model_log.run_id)}
    assert len({one["parent_id"] for one in told}) == 1 and told[0]["parent_id"]


def test_neither_prompts_nor_replies_nor_keys_are_told(model_log):
    topic = "the secret recipe of " + "marmalade " * 40
    model_log.server.play(fails(500, "cannot answer: " + topic), says('{"word": "apricots"}'))
    ask_one(model_log.asker(), topic=topic)
    text = model_log.text()
    assert model_log.told()[-1]["attributes"]["question_characters"] > len(topic)
    assert "apricots" not in text and "Say one word about" not in text
    assert topic not in text


def test_a_server_that_echoes_the_key_does_not_bring_it_into_the_trace(model_log):
    model_log.server.otherwise = echoes_the_key
    with pytest.raises(Exception, match="bad request"):
        ask_one(model_log.asker())
    assert model_log.told()[-1]["status"] == "error"
    assert KEY not in model_log.text()
