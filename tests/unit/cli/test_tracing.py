"""Every command can tell what it does: to a file, to standard error, to a collector."""

import json
import sys

import pytest

from skillwright.cli.entry import run_command_line
from skillwright.core.tracing import trace


@pytest.fixture
def place(tmp_path):
    return tmp_path / "trace.jsonl"


def lines(place):
    return [json.loads(line) for line in place.read_text().splitlines()]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [(["doctor"], "doctor"), (["skills", "list"], "skills list"), (["envs", "show", "CartPole-v1"], "envs show")],
)
def test_a_command_is_a_span_named_without_its_arguments(home, place, arguments, name):
    status = run_command_line(["--log-json", str(place), *arguments])
    command = lines(place)[-1]
    assert (command["name"], command["parent_id"], command["status"]) == ("command", None, "ok")
    assert command["attributes"] == {"command": name, "exit_status": status}


def test_a_file_that_is_called_like_a_command_is_none(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_command_line(["--log-json", "list", "skills", "show", "no-such-skill"])
    assert lines(tmp_path / "list")[0]["attributes"]["command"] == "skills show"


def test_the_environment_can_name_the_file(home, place, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_LOG_JSON", str(place))
    assert run_command_line(["skills", "list"]) == 0
    assert [line["name"] for line in lines(place)] == ["command"]


def test_a_command_that_fails_says_how(home, place, capsys):
    assert run_command_line(["--log-json", str(place), "skills", "show", "no-such-skill"]) == 2
    [command] = lines(place)
    assert command["status"] == "error"
    assert command["error"]["type"] == "NotFound" and "no-such-skill" in command["error"]["message"]


def test_standard_output_stays_what_it_was(home, place, capsys):
    run_command_line(["skills", "list", "--json"])
    plain = capsys.readouterr()
    run_command_line(["--log-json", "-", "skills", "list", "--json"])
    told = capsys.readouterr()
    assert told.out == plain.out
    assert json.loads(told.err)["attributes"]["command"] == "skills list"


def test_a_file_that_cannot_be_written_ends_the_command_before_it_begins(home, tmp_path, capsys):
    assert run_command_line(["--log-json", str(tmp_path / "nowhere" / "x"), "skills", "list"]) == 2
    assert "name another file" in capsys.readouterr().err


def test_a_command_leaves_nobody_listening(home, place):
    run_command_line(["--log-json", str(place), "skills", "list"])
    with trace("run"):
        pass
    assert len(lines(place)) == 1


def test_nothing_is_written_where_nobody_asks(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_command_line(["skills", "list"])
    assert [entry for entry in tmp_path.iterdir() if entry != home] == []


@pytest.fixture
def without_packages(monkeypatch):
    """Has OpenTelemetry's exporter be missing."""
    for name in [name for name in sys.modules if name.startswith("opentelemetry.exporter")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)


def test_opentelemetry_without_its_packages_says_how_to_get_them(home, without_packages, capsys):
    assert run_command_line(["--otel", "skills", "list"]) == 2
    assert "pip install 'skillwright[otel]'" in capsys.readouterr().err


def test_a_collector_that_only_the_environment_names_does_not_stop_a_command(
    home, without_packages, monkeypatch, capsys
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    assert run_command_line(["skills", "list"]) == 0
    assert "Nothing is sent to OTEL_EXPORTER_OTLP_ENDPOINT" in capsys.readouterr().err


def test_opentelemetry_can_be_turned_off_by_its_own_variable(home, without_packages, monkeypatch, capsys):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert run_command_line(["skills", "list"]) == 0
    assert capsys.readouterr().err == ""
