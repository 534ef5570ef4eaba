"""An OpenTelemetry collector gets the spans of a command, by the protocol it speaks."""

import os
import subprocess
import sys
import time

import pytest

from skillwright.core import tracing
from skillwright.core.tracing import span, trace, trace_id_of
from skillwright.core.tracing_otel import OtelSpans

from .collector import Collector, value_of


@pytest.fixture
def collector(monkeypatch):
    with Collector() as opened:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", opened.url)
        yield opened


@pytest.fixture
def sent(collector):
    """A trace with a part that failed."""
    tracing.send_to(OtelSpans())
    with trace("run", "the-run", seed=3, share=0.5, reused=False):
        try:
            with span("plan", planner="CardPlanner"):
                raise ValueError("no such field")
        except ValueError:
            pass
    tracing.close_sinks()
    assert collector.paths == ["/v1/traces"]
    return {one.name: one for one in collector.spans}


def test_spans_come_with_their_trace_and_nested(sent):
    run, plan = sent["run"], sent["plan"]
    assert run.trace_id.hex() == plan.trace_id.hex() == trace_id_of("the-run")
    assert plan.parent_span_id == run.span_id
    assert run.parent_span_id == b""


def test_spans_come_with_their_times(sent):
    run, plan = sent["run"], sent["plan"]
    assert run.start_time_unix_nano <= plan.start_time_unix_nano < plan.end_time_unix_nano <= run.end_time_unix_nano
    assert abs(time.time() - run.start_time_unix_nano / 1e9) < 60


def test_attributes_keep_their_types_under_the_name_of_the_program(sent):
    run = sent["run"]
    values = [value_of(run, f"skillwright.{name}") for name in ("run_id", "seed", "share", "reused")]
    assert values == ["the-run", 3, 0.5, False]
    assert [type(value) for value in values] == [str, int, float, bool]


def test_how_a_span_ended_comes_too(sent):
    assert sent["run"].status.code == 1
    assert (sent["plan"].status.code, sent["plan"].status.message) == (2, "no such field")
    assert value_of(sent["plan"], "error.type") == "ValueError"


def test_the_service_is_named_skillwright(sent, collector):
    assert {one["service.name"] for one in collector.resources} == {"skillwright"}


def test_the_standard_variables_name_the_service_and_the_rest(collector, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "our-robots")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=hands")
    tracing.send_to(OtelSpans())
    with trace("run"):
        pass
    tracing.close_sinks()
    [resource] = collector.resources
    assert (resource["service.name"], resource["team"]) == ("our-robots", "hands")


def command(home, *arguments, **environment):
    environment = {**os.environ, "SKILLWRIGHT_HOME": str(home), **environment}
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "skillwright", *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    return ended, time.monotonic() - started


def test_a_command_sends_its_spans_when_the_environment_names_a_collector(home, collector):
    ended, _ = command(home, "skills", "list")
    assert ended.returncode == 0
    [sent] = collector.spans
    assert (sent.name, value_of(sent, "skillwright.command")) == ("command", "skills list")


def test_a_collector_that_is_not_there_is_told_once_and_stops_nothing(home):
    ended, seconds = command(home, "--otel", "skills", "list", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert ended.returncode == 0
    assert ended.stderr.count("OpenTelemetry, of which no more is said") == 1
    assert len(ended.stderr.splitlines()) == 1
    assert seconds < 30


def test_a_collector_that_refuses_is_told_once_and_stops_nothing(home):
    with Collector(status=400) as refusing:
        ended, _ = command(home, "skills", "list", OTEL_EXPORTER_OTLP_ENDPOINT=refusing.url)
    assert ended.returncode == 0
    assert len(ended.stderr.splitlines()) == 1 and "400" in ended.stderr
