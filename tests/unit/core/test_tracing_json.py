"""Every span and every line of a log is one line of JSON, whatever is in it and whoever else writes."""

import json
import logging
import re
import sys
import threading
from contextvars import copy_context

import pytest

from skillwright.core import StorageError, tracing
from skillwright.core.tracing import span, trace, trace_id_of
from skillwright.core.tracing_json import JsonLines, LogHandler


@pytest.fixture
def place(tmp_path):
    return tmp_path / "trace.jsonl"


@pytest.fixture
def written(place):
    """Reads what has been written so far; the sink is closed after the test."""
    tracing.send_to(JsonLines(str(place)))
    yield lambda: [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]
    tracing.close_sinks()


def test_a_span_has_the_documented_fields(written):
    with pytest.raises(ValueError), trace("run", "the-run", seed=3):
        raise ValueError("too small")
    [line] = written()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("time"))
    assert re.fullmatch(r"[0-9a-f]{16}", line.pop("span_id"))
    assert 0 <= line.pop("duration_s") < 1
    assert line == {
        "kind": "span",
        "name": "run",
        "trace_id": trace_id_of("the-run"),
        "parent_id": None,
        "status": "error",
        "error": {"type": "ValueError", "message": "too small"},
        "attributes": {"seed": 3, "run_id": "the-run"},
    }


def test_a_span_that_went_well_has_no_error(written):
    with trace("run"):
        pass
    assert written()[0]["error"] is None


def test_a_line_is_in_the_file_as_soon_as_its_span_has_ended(written):
    with trace("run"):
        with span("plan"):
            pass
        assert [line["name"] for line in written()] == ["plan"]


@pytest.mark.parametrize("value", ["two\nlines", 'a "word"', "ü\u2028\x00", "\udc80", float("nan"), float("-inf")])
def test_whatever_an_attribute_holds_a_line_is_one_json_object(place, written, value):
    with trace("run", value=value):
        pass
    assert place.read_bytes().count(b"\n") == 1
    assert isinstance(written()[0]["attributes"]["value"], str)


def test_threads_do_not_write_into_each_others_lines(written):
    def work():
        for _ in range(100):
            with span("model", text="x" * 150):
                pass

    with trace("run"):
        threads = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(written()) == 801


def test_a_file_that_is_there_is_added_to(place, written):
    with trace("run"):
        pass
    tracing.send_to(JsonLines(str(place)))
    with trace("run"):
        pass
    assert len(written()) == 2


def test_lines_of_the_log_carry_the_ids_of_their_span(written):
    with LogHandler(), trace("run", "the-run"), span("plan"):
        logging.getLogger("skillwright.some.plugin").info("%d skills were found", 3)
    log, plan, _ = written()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", log.pop("time"))
    assert log == {
        "kind": "log",
        "level": "INFO",
        "logger": "skillwright.some.plugin",
        "message": "3 skills were found",
        "trace_id": plan["trace_id"],
        "span_id": plan["span_id"],
    }


def test_logging_is_as_it_was_afterwards():
    logger = logging.getLogger("skillwright")
    before = (logger.level, list(logger.handlers))
    with LogHandler():
        assert logger.level == logging.INFO
    assert (logger.level, logger.handlers) == before


def test_keys_do_not_come_in_through_the_log(written):
    tracing.hide("correct-horse")
    with LogHandler():
        logging.getLogger("skillwright").warning("the key is %s", "correct-horse")
    assert written()[0]["message"] == "the key is [key]"


def test_a_file_that_cannot_be_written_is_refused_with_its_name(tmp_path):
    with pytest.raises(StorageError, match=r"no log can be written to .*nowhere"):
        JsonLines(str(tmp_path / "nowhere" / "trace.jsonl"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
def test_a_full_disk_is_told_once_and_stops_nothing(capsys):
    tracing.send_to(JsonLines("/dev/full"))
    with trace("run"), span("plan"):
        pass
    tracing.close_sinks()
    assert capsys.readouterr().err.count("no more is written to /dev/full") == 1


def test_a_minus_stands_for_standard_error_and_leaves_it_open(capsys):
    tracing.send_to(JsonLines("-"))
    with trace("run"):
        pass
    tracing.close_sinks()
    print("still open", file=sys.stderr)
    line, rest = capsys.readouterr().err.splitlines()
    assert json.loads(line)["name"] == "run" and rest == "still open"
