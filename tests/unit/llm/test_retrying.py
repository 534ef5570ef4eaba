import threading
import time

import pytest

from skillwright.core import ModelUnavailable
from skillwright.llm.failures import ModelError
from skillwright.llm.retrying import RetryPolicy, keep_trying

POLICY = RetryPolicy(max_attempts=4, first_wait_s=0.01, max_wait_s=0.02)


def attempts(*failures):
    left = list(failures)

    def attempt():
        if left:
            raise left.pop(0)
        return "reply"

    return attempt


def try_on(attempt, policy=POLICY, stop=None):
    said = []
    stop = stop or threading.Event()
    return keep_trying(attempt, policy, model="openai:m", said=said.append, stop=stop), said


def test_every_failure_that_passes_is_said():
    reply, said = try_on(attempts(ModelError("HTTP 503", kind="server"), ModelError("HTTP 429", kind="busy")))
    assert reply == "reply"
    assert [line.partition("; again in")[0] for line in said] == ["openai:m: HTTP 503", "openai:m: HTTP 429"]
    assert said[1].endswith("(attempt 3 of 4)")


def test_what_cannot_pass_is_not_tried_again():
    attempt = attempts(*[ModelError("HTTP 401", kind="key")] * 2)
    with pytest.raises(ModelUnavailable, match="openai:m: HTTP 401; check the key"):
        try_on(attempt)
    with pytest.raises(ModelUnavailable):
        try_on(attempt)
    assert attempt() == "reply"


def test_it_ends_after_the_last_attempt():
    with pytest.raises(ModelUnavailable, match=r"HTTP 503 \(tried 4 times\); the server is in trouble"):
        try_on(attempts(*[ModelError("HTTP 503", kind="server")] * 4))


def test_other_errors_pass_at_once():
    with pytest.raises(ZeroDivisionError):
        try_on(attempts(ZeroDivisionError()))


def test_waits_double_up_to_their_limit_and_differ():
    policy = RetryPolicy(first_wait_s=1.0, max_wait_s=5.0)
    failure = ModelError("HTTP 503", kind="server")
    for num_failures, longest in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (50, 5.0)]:
        waits = {policy.wait_s(failure, num_failures) for _ in range(20)}
        assert len(waits) == 20
        assert all(longest / 2 <= wait <= longest for wait in waits)


def test_a_server_is_never_asked_before_the_time_it_named():
    failure = ModelError("HTTP 429", kind="busy", wait_s=7.0)
    assert all(7.0 <= POLICY.wait_s(failure, 1) < 7.01 for _ in range(20))


def test_a_wait_ends_when_it_is_told_to():
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(ModelUnavailable):
        try_on(attempts(ModelError("HTTP 429", kind="busy", wait_s=60.0)), stop=stop)
    assert time.monotonic() - began < 5
