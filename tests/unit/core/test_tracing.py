"""Spans nest, end as their work ends, name their trace after the run, and keep what is not theirs to tell."""

import re
import threading
import timeit
from contextvars import copy_context

import pytest

from skillwright.core import tracing
from skillwright.core.tracing import annotate, span, trace, trace_id_of, traced, unrecorded, waiting_trace


class Ears:
    """Keeps what it hears."""

    def __init__(self):
        self.spans, self.logs, self.is_closed = [], [], False

    def span(self, record):
        self.spans.append(record)

    def log(self, record):
        self.logs.append(record)

    def close(self):
        self.is_closed = True

    def named(self, name):
        [found] = [one for one in self.spans if one.name == name]
        return found


@pytest.fixture
def ears():
    listening = Ears()
    tracing.send_to(listening)
    yield listening
    tracing.close_sinks()


def test_a_span_belongs_to_the_one_it_is_opened_in(ears):
    with trace("run"), span("plan"):
        with span("model"):
            pass
        with span("model-2"):
            pass
    run, plan, model, second = map(ears.named, ("run", "plan", "model", "model-2"))
    assert (run.parent_id, plan.parent_id, model.parent_id) == (None, run.span_id, plan.span_id)
    assert second.parent_id == plan.span_id
    assert {one.trace_id for one in ears.spans} == {run.trace_id}
    assert len({one.span_id for one in ears.spans}) == 4


def test_a_span_lies_within_the_time_of_the_one_it_belongs_to(ears):
    with trace("run"), span("plan"):
        sum(range(10_000))
    run, plan = ears.named("run"), ears.named("plan")
    assert 0 < plan.duration_s <= run.duration_s
    assert run.start_ns <= plan.start_ns


def test_ids_have_the_form_that_opentelemetry_asks_for(ears):
    with trace("run", "20260102-030405-abcd"):
        pass
    [run] = ears.spans
    assert re.fullmatch(r"[0-9a-f]{32}", run.trace_id) and re.fullmatch(r"[0-9a-f]{16}", run.span_id)


def test_two_sittings_of_a_run_are_one_trace(ears):
    for _ in range(2):
        with trace("run", "20260102-030405-abcd"):
            pass
    first, second = ears.spans
    assert first.trace_id == second.trace_id == trace_id_of("20260102-030405-abcd")
    assert first.span_id != second.span_id


def test_two_runs_are_two_traces(ears):
    for run_id in ("20260102-030405-abcd", "20260102-030405-abce"):
        with trace("run", run_id):
            pass
    first, second = ears.spans
    assert first.trace_id != second.trace_id


def test_the_run_of_a_part_stays_in_the_trace_of_the_whole(ears):
    with trace("run", "whole"), trace("run of a part", "part"):
        pass
    part = ears.named("run of a part")
    assert part.trace_id == trace_id_of("whole")
    assert part.attributes == {"run_id": "part"}


def test_what_a_command_did_before_its_run_had_an_id_is_in_the_trace_of_the_run(ears):
    with waiting_trace("command"):
        with span("begin"):
            pass
        assert ears.spans == []
        with trace("run", "the-run"):
            assert [one.name for one in ears.spans] == ["begin"]
    assert [one.name for one in ears.spans] == ["begin", "run", "command"]
    assert {one.trace_id for one in ears.spans} == {trace_id_of("the-run")}


def test_a_command_without_a_run_is_a_trace_of_its_own(ears):
    with waiting_trace("command"), span("plan"):
        pass
    assert [one.name for one in ears.spans] == ["plan", "command"]
    assert len({one.trace_id for one in ears.spans}) == 1


def test_an_error_is_told_with_its_type_and_message_and_passed_on(ears):
    with pytest.raises(ValueError, match="no such field"), trace("run"), span("plan"):
        raise ValueError("no such field")
    for one in ears.spans:
        assert (one.status, one.error_type, one.error_message) == ("error", "ValueError", "no such field")


def test_an_error_that_was_dealt_with_marks_only_what_it_ended(ears):
    with trace("run"):
        try:
            with span("sandbox"):
                raise ValueError
        except ValueError:
            pass
    assert ears.named("sandbox").status == "error"
    assert ears.named("run").status == "ok"


def test_ctrl_c_ends_a_span_as_an_error(ears):
    with pytest.raises(KeyboardInterrupt), trace("run"):
        raise KeyboardInterrupt
    assert ears.named("run").error_type == "KeyboardInterrupt"


def test_an_error_that_is_none_leaves_a_span_well(ears):
    class TheEnd(Exception):
        is_failure = False

    with pytest.raises(TheEnd), trace("act"):
        raise TheEnd
    assert ears.named("act").status == "ok"


def test_what_becomes_known_is_added_to_the_innermost_span(ears):
    with trace("run"):
        with span("sandbox", rows=3) as told:
            annotate(does="terms", nothing=None)
            told.set(rows=4)
        annotate(seed=1)
    assert ears.named("sandbox").attributes == {"rows": 4, "does": "terms"}
    assert ears.named("run").attributes == {"seed": 1}


def test_spans_that_are_open_side_by_side_end_in_any_order(ears):
    with trace("run"):
        first, second = span("train", shard=0), span("train", shard=1)
        with span("judging"):
            first.end("its worker died")
        second.end()
        second.end("too late")
    run, judging = ears.named("run"), ears.named("judging")
    assert judging.parent_id == run.span_id
    shards = [one for one in ears.spans if one.name == "train"]
    assert [one.parent_id for one in shards] == [run.span_id] * 2
    assert [(one.status, one.error_message) for one in shards] == [("error", "its worker died"), ("ok", "")]


def test_a_part_began_when_its_whole_did(ears):
    with trace("run"):
        shard = span("shard")
        shard.part("candidate", candidate="g0-c00").end()
        shard.end()
    shard, candidate = ears.named("shard"), ears.named("candidate")
    assert (candidate.parent_id, candidate.start_ns) == (shard.span_id, shard.start_ns)
    assert candidate.duration_s <= shard.duration_s


def test_a_function_tells_of_every_call(ears):
    @traced("add")
    def add(left: int, right: int) -> int:
        annotate(left=left)
        return left + right

    with trace("run"):
        assert add(1, right=2) == 3
    assert ears.named("add").attributes == {"left": 1}
    assert add.__name__ == "add"


def test_a_function_can_begin_a_trace(ears):
    @traced("play", begins=True)
    def play():
        with span("act"):
            pass

    play()
    assert [one.name for one in ears.spans] == ["act", "play"]


def test_nothing_is_told_outside_a_trace(ears):
    with span("sandbox") as told:
        told.set(rows=1)
        told.part("part").end()
        annotate(rows=2)
    assert ears.spans == []


def test_a_block_can_be_left_out(ears):
    with trace("run"):
        with unrecorded(), span("sandbox"):
            pass
        with span("judging"):
            pass
    assert [one.name for one in ears.spans] == ["judging", "run"]


def test_threads_tell_of_their_spans_in_the_span_they_were_started_in(ears):
    def ask():
        with span("model"):
            pass

    with trace("run"):
        threads = [threading.Thread(target=copy_context().run, args=(ask,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    run = ears.named("run")
    assert [one.parent_id for one in ears.spans if one.name == "model"] == [run.span_id] * 4


def test_a_key_is_taken_out_of_every_text(ears):
    tracing.hide("correct-horse")
    with pytest.raises(ValueError), trace("run", note="it is correct-horse"):
        raise ValueError("refused: correct-horse")
    [run] = ears.spans
    assert run.attributes["note"] == "it is [key]"
    assert run.error_message == "refused: [key]"


@pytest.mark.parametrize(
    "text",
    ["sk-proj-abcdefghijklmnop", "Bearer qwertz", "https://me:word@host/v1", "hf_abcdefghijklmnopqrst"],
)
def test_what_looks_like_a_key_is_taken_out_even_if_nobody_knows_it(ears, text):
    with trace("run", found=f"with {text} it failed"):
        pass
    [run] = ears.spans
    assert "[key]" in run.attributes["found"]
    for secret in ("abcdefghijklmnop", "qwertz", "me:word"):
        assert secret not in run.attributes["found"]


def test_long_texts_are_cut(ears):
    with trace("run", text="a" * 1000):
        pass
    assert len(ears.named("run").attributes["text"]) == 200


def test_sinks_are_closed_once_when_others_are_chosen(ears):
    tracing.send_to(Ears())
    assert ears.is_closed
    with trace("run"):
        pass
    assert ears.spans == []


def test_a_span_costs_nearly_nothing_where_nobody_listens():
    """The bar is 1 microsecond; measured are 0.25."""

    def work():
        with span("sandbox", rows=3):
            pass

    seconds = min(timeit.repeat(work, number=10_000, repeat=20)) / 10_000
    assert seconds < 1e-6
