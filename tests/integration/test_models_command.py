"""``skillwright models`` against a server on loopback that can do as much as each test lets it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import BaseModel

from skillwright.cli.entry import run_command_line
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.llm.asking import Asker
from skillwright.llm.ledger import Ledger
from skillwright.llm.models import make_model
from skillwright.llm.prices import PriceList
from skillwright.llm.remembering import known_models
from skillwright.llm.spec import parse_spec

pytest.importorskip("langchain_openai")

CANARY = "sk-canary-0123456789abcdef/+"
ALL = {"n", "json_schema", "tools", "json_mode", "seed", "usage", "stream_usage", "models", "context"}


@dataclass
class Server:
    """An OpenAI-compatible server; what it cannot do it accepts and ignores, unless it ``refuses`` that."""

    can: set[str] = field(default_factory=lambda: set(ALL))
    refuses: set[str] = field(default_factory=set)
    status: int = 200
    error: str = ""
    delay_s: float = 0.0
    port: int = 0
    models: tuple[str, ...] = ("tiny", "tiny-large")
    requests: list[dict[str, object]] = field(default_factory=list)
    authorization: set[str | None] = field(default_factory=set)
    counter: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def spec(self) -> str:
        return f"vllm:tiny@{self.url}"

    @property
    def key_variable(self) -> str:
        return f"SKILLWRIGHT_KEY_127_0_0_1_{self.port}"

    def listing(self) -> dict[str, object]:
        extra = {"max_model_len": 2048} if "context" in self.can else {}
        return {"object": "list", "data": [{"id": name, "object": "model", **extra} for name in self.models]}

    def wanted(self, request: dict[str, object]) -> set[str]:
        kind = (request.get("response_format") or {}).get("type", "")
        asked = {"json_schema": kind == "json_schema", "json_mode": kind == "json_object"}
        asked |= {"n": request.get("n", 1) > 1, "tools": bool(request.get("tools")), "seed": "seed" in request}
        return {name for name, is_asked in asked.items() if is_asked}

    def text(self, request: dict[str, object]) -> str:
        self.counter += 1
        wanted = self.wanted(request) & self.can
        if wanted & {"json_schema", "json_mode", "tools"}:
            return '{"pigment": "vermilion"}'
        return f"word {request['seed'] if 'seed' in wanted else self.counter}"

    def choice(self, index: int, request: dict[str, object]) -> dict[str, object]:
        text = self.text(request)
        message: dict[str, object] = {"role": "assistant", "content": text}
        if "tools" in self.wanted(request) & self.can:
            call = {"id": "c", "type": "function", "function": {"name": "reply", "arguments": text}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return {"index": index, "finish_reason": "stop", "message": message}


class Handler(BaseHTTPRequestHandler):
    server: "Listener"

    def do_GET(self):
        state = self.server.state
        state.authorization.add(self.headers["authorization"])
        if "models" in state.can:
            self.send(200, state.listing())
        else:
            self.send(404, {"error": {"message": "no such path"}})

    def do_POST(self):
        state = self.server.state
        state.authorization.add(self.headers["authorization"])
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        state.requests.append(request)
        time.sleep(state.delay_s)
        if state.status != 200:
            self.send(state.status, {"error": {"message": state.error}})
        elif refused := state.wanted(request) & state.refuses:
            self.send(400, {"error": {"message": f"{refused} is not supported"}})
        elif request.get("stream"):
            self.stream(request)
        else:
            num = request.get("n", 1) if "n" in state.can else 1
            whole = {"id": "x", "object": "chat.completion", "created": 0, "model": "tiny"}
            whole["choices"] = [state.choice(index, request) for index in range(num)]
            if "usage" in state.can:
                whole["usage"] = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
            self.send(200, whole)

    def stream(self, request):
        base = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "tiny"}
        pieces = [{**base, "choices": [{"index": 0, "delta": {"content": word}}]} for word in ("one ", "two")]
        pieces.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if "stream_usage" in self.server.state.can:
            pieces.append(
                {**base, "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}
            )
        body = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
        self.send(200, body, "text/event-stream")

    def send(self, status, body, kind="application/json"):
        payload = (body if isinstance(body, str) else json.dumps(body)).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
        except OSError:
            pass  # the client had enough

    def log_message(self, *args):
        pass


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    state: Server


@pytest.fixture
def server() -> Iterator[Server]:
    with Listener(("127.0.0.1", 0), Handler) as listener:
        listener.state = Server(port=listener.server_port)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listener.state
        listener.shutdown()
        thread.join()


@dataclass(frozen=True)
class Output:
    status: int
    out: str
    err: str


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Output]:
    """Runs the command line as the installed program does, errors and all."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Output:
        status = run_command_line(arguments)
        captured = capfd.readouterr()
        return Output(status, captured.out, captured.err)

    return run


def answers(output: Output) -> dict[str, str]:
    return {probe["name"]: probe["answer"] for probe in json.loads(output.out)["probes"]}


def check(command, server, *options):
    output = command("models", "check", server.spec, "--json", *options)
    assert output.status == 0, output.err
    return output


def test_a_server_that_can_do_everything_is_found_out(command, server):
    found = answers(check(command, server))
    assert set(found) == {
        "reachable", "context", "replies", "usage", "samples", "json_schema", "tools", "seed", "stream_usage", "speed",
    }  # fmt: skip
    assert set(found.values()) == {"yes"}


def test_a_server_that_ignores_everything_without_a_word_is_found_out(command, server):
    server.can = {"models"}
    found = answers(check(command, server))
    assert {name for name, answer in found.items() if answer == "yes"} == {"reachable", "replies", "speed"}
    assert found["context"] == "unknown"


@pytest.mark.parametrize(
    ("ability", "probe"),
    [
        ("n", "samples"),
        ("json_schema", "json_schema"),
        ("tools", "tools"),
        ("seed", "seed"),
        ("usage", "usage"),
        ("stream_usage", "stream_usage"),
    ],
)
def test_the_one_thing_a_server_ignores_is_found_out(command, server, ability, probe):
    server.can.remove(ability)
    assert {name for name, answer in answers(check(command, server)).items() if answer == "no"} == {probe}


@pytest.mark.parametrize(
    ("ability", "probe"), [("n", "samples"), ("json_schema", "json_schema"), ("tools", "tools"), ("seed", "seed")]
)
def test_the_one_thing_a_server_refuses_is_found_out(command, server, ability, probe):
    server.refuses = {ability}
    assert {name for name, answer in answers(check(command, server)).items() if answer == "no"} == {probe}


def test_json_mode_is_tried_where_nothing_better_is_there(command, server):
    server.can -= {"json_schema", "tools"}
    assert answers(check(command, server))["json_mode"] == "yes"


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (set(), "A typed reply is held to the JSON schema by the server"),
        ({"json_schema"}, "A typed reply is taken from the arguments of a tool call"),
        ({"json_schema", "tools"}, "A typed reply is held to JSON by the server"),
        ({"json_schema", "tools", "json_mode"}, "A typed reply is asked for in the prompt"),
        ({"n"}, "Several replies are asked for one by one"),
        ({"seed"}, "Replies are not repeatable"),
    ],
)
def test_it_is_said_how_the_model_will_be_asked(command, server, lacks, said):
    server.can -= lacks
    assert said in command("models", "check", server.spec).out


def test_what_was_found_is_remembered_and_used(command, server, home):
    server.can -= {"n", "json_schema"}
    check(command, server)
    known = known_models(Home.open())[server.spec]
    assert (known.abilities.n, known.abilities.json_schema, known.abilities.tools) == (False, False, True)
    assert known.context_length == 2048
    assert known.checked_at.startswith("20")
    made = make_model(parse_spec(server.spec), home=Home.open())
    assert (made.max_samples, made.abilities.context_length) == (1, 2048)
    assert server.spec in command("models", "list").out


def test_few_requests_of_few_tokens_are_sent(command, server):
    server.can = {"models"}
    check(command, server)
    assert len(server.requests) <= 10
    limits = [request.get("max_tokens") or request.get("max_completion_tokens") for request in server.requests]
    assert max(limits) <= 512


def test_a_server_that_hangs_ends_the_check_in_time(command, server):
    server.delay_s = 3.0
    started = time.monotonic()
    output = command("models", "check", server.spec, "--timeout", "1")
    assert time.monotonic() - started < 2.9
    assert output.status == 2
    assert "no answer within 1 s" in output.err


def test_a_model_the_server_does_not_have_is_answered_with_those_it_has(command, server):
    output = command("models", "check", f"vllm:tinny@{server.url}")
    assert output.status == 2
    assert "did you mean 'tiny'" in output.err
    assert "there are tiny, tiny-large" in output.err


def test_a_server_that_does_not_tell_its_models_is_checked_all_the_same(command, server):
    server.can.remove("models")
    assert answers(check(command, server))["json_schema"] == "yes"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vllm:m@http://127.0.0.1:9/v1", "cannot be reached"),
        ("openai:gpt-5", "needs a key: set OPENAI_API_KEY, or store it with: keyring set skillwright OPENAI_API_KEY"),
        ("mistralai:m", "run: pip install 'skillwright[models]' langchain-mistralai"),
        ("gpt-5", "does not say whose model it is"),
        ("opnai:gpt-5", "did you mean 'openai'"),
        ("replay:/nowhere.jsonl", "/nowhere.jsonl"),
        ("none", "there is nothing to check"),
    ],
)
def test_what_cannot_be_checked_exits_with_2_and_says_why(command, name, said):
    output = command("models", "check", name)
    assert output.status == 2
    assert said in output.err
    assert "Traceback" not in output.err


def test_a_failed_check_remembers_nothing(command, server):
    server.status = 500
    assert command("models", "check", server.spec).status == 2
    assert known_models(Home.open()) == {}


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_key_comes_out_nowhere_even_if_the_server_repeats_it(command, server, monkeypatch, home, status, options):
    monkeypatch.setenv(server.key_variable, CANARY)
    server.status = status
    server.error = f"Incorrect API key provided: {CANARY}"
    output = command("models", "check", server.spec, *options)
    listed = command("models", "list", "--server", server.url, *options)
    assert f"Bearer {CANARY}" in server.authorization
    assert output.status == (0 if status == 200 else 2)
    for text in (output.out, output.err, listed.out, listed.err):
        assert CANARY not in text
        assert "canary" not in text
    assert b"canary" not in everything_in(home)


def test_a_server_never_hears_another_ones_key(command, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    check(command, server)
    command("models", "list", "--server", server.url)
    assert [one for one in server.authorization if one and "canary" in one] == []


def test_a_key_that_is_there_is_only_said_to_be(command, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    rows = {row["name"]: row for row in json.loads(command("models", "list", "--json").out)["providers"]}
    assert rows["openai"]["key"] == "environment"
    assert (rows["anthropic"]["key"], rows["ollama"]["key"]) == ("missing", "not needed")
    assert rows["anthropic"]["key_variable"] == "ANTHROPIC_API_KEY"


def test_the_listing_says_how_to_install_what_is_missing(command):
    assert "mistralai needs: pip install 'skillwright[models]' langchain-mistralai\n" in command("models", "list").out


def test_the_listing_has_prices_with_their_dates(command):
    prices = json.loads(command("models", "list", "--json").out)["prices"]
    assert prices["openai:gpt-4o-mini"] == {
        "input": 0.15,
        "output": 0.6,
        "as_of": "2024-07-18",
        "source": "OpenAI, page API pricing",
    }
    assert "2024-07-18" in command("models", "list").out


@pytest.mark.parametrize("source", ["--server", "SKILLWRIGHT_MODEL"])
def test_the_listing_shows_the_models_of_a_server(command, server, monkeypatch, source):
    options = ("--server", server.url) if source == "--server" else ()
    if not options:
        monkeypatch.setenv(source, server.spec)
    servers = json.loads(command("models", "list", "--json", *options).out)["servers"]
    row = next(row for row in servers if row["url"] == server.url)
    assert [model["id"] for model in row["models"]] == ["tiny", "tiny-large"]
    assert row["naming"] == f"vllm:MODEL@{server.url}"


def test_a_wrong_address_of_a_server_exits_with_2(command):
    output = command("models", "list", "--server", "localhost:8000")
    assert output.status == 2
    assert "must begin with http://" in output.err


def test_replay_of_a_run_that_is_not_there_exits_with_2(command):
    output = command("models", "replay", "20260101-000000-aaaa")
    assert output.status == 2
    assert "no run is called" in output.err


class Paint(BaseModel):
    """A paint."""

    pigment: str


class NothingAsked(BaseModel):
    """The config of a run that is only a journal."""


def ask_in_a_new_run(spec: str, folder: Path) -> tuple[str, list[Paint]]:
    """Asks a model for two paints; returns the run and what came."""
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "paint.md").write_text("Name a paint for {{ task }}.")
    journal = Journal(Database.open(Home.open()))
    run = journal.start_run(kind="ask", config=NothingAsked(), seed=0)
    model = make_model(parse_spec(spec), home=Home.open())
    asker = Asker(model=model, steps=Steps(journal, run.id), ledger=Ledger(PriceList.read()))
    return run.id, asker.ask("paint.md", {"task": "a boat"}, Paint, samples=range(2), role="coder").values


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(folder))
    return folder


def test_a_replayed_run_gets_the_same_replies_and_asks_nobody(command, server, project, tmp_path):
    run_id, paints = ask_in_a_new_run(server.spec, project)
    file = tmp_path / "paints.jsonl"
    assert command("models", "replay", run_id, "--to", str(file)).status == 0
    asked = len(server.requests)
    assert ask_in_a_new_run(f"replay:{file}", project)[1] == paints
    assert len(server.requests) == asked


def test_a_replay_file_is_named_after_its_run_unless_told_otherwise(command, server, project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_id, _ = ask_in_a_new_run(server.spec, project)
    output = command("models", "replay", run_id[:-1])
    assert output.out.endswith(f"--model replay:{run_id}.replay.jsonl\n")
    assert answers(command("models", "check", f"replay:{run_id}.replay.jsonl", "--json")) == {"reachable": "yes"}


def test_a_run_that_asked_nobody_has_nothing_to_replay(command, home):
    run = Journal(Database.open(Home.open())).start_run(kind="ask", config=NothingAsked(), seed=0)
    output = command("models", "replay", run.id)
    assert output.status == 2
    assert "nothing to replay" in output.err


def test_a_key_is_neither_in_the_journal_nor_in_a_replay_file(command, server, project, home, tmp_path, monkeypatch):
    monkeypatch.setenv(server.key_variable, CANARY)
    run_id, _ = ask_in_a_new_run(server.spec, project)
    command("models", "replay", run_id, "--to", str(tmp_path / "paints.jsonl"))
    assert f"Bearer {CANARY}" in server.authorization
    assert b"canary" not in everything_in(tmp_path)
