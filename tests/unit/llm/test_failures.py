import email.utils
import time

import pytest

from skillwright.llm.failures import classify


class Response:
    def __init__(self, status, headers):
        self.status_code, self.headers = status, headers


class StatusError(Exception):
    """Has the form of the errors of the providers' packages."""

    def __init__(self, status, text="", *, body=None, **headers):
        super().__init__(text)
        self.response, self.body = Response(status, {k.replace("_", "-"): v for k, v in headers.items()}), body


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_these_statuses_may_pass(status):
    assert classify(StatusError(status), None).can_retry


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422])
def test_these_statuses_will_not_pass(status):
    assert not classify(StatusError(status), None).can_retry


def test_an_answer_with_an_error_status_costs_nothing():
    assert not classify(StatusError(503), None).may_cost


def test_an_empty_account_is_told_apart_from_too_many_requests():
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    failure = classify(StatusError(429, body=body), None)
    assert (failure.kind, failure.can_retry) == ("quota", False)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "0.5"}, 0.5),
        ({"retry_after_ms": "250", "retry_after": "7"}, 0.25),
        ({"retry_after": "-3"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "Wed, 01 Jan 2020 00:00:00 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read(headers, wait_s):
    assert classify(StatusError(429, **headers), None).wait_s == wait_s


def test_a_moment_to_come_back_at_is_read():
    headers = {"retry_after": email.utils.formatdate(time.time() + 100, usegmt=True)}
    assert 95 < classify(StatusError(503, **headers), None).wait_s <= 100


@pytest.mark.parametrize(
    ("error", "kind", "may_cost"),
    [
        (TimeoutError(), "timeout", True),
        (ConnectionResetError(), "connection", True),
        (ConnectionRefusedError(), "connection", False),
        (ValueError("Expecting value"), "reply", True),
    ],
)
def test_errors_without_a_status_are_told_apart(error, kind, may_cost):
    failure = classify(error, None)
    assert (failure.kind, failure.may_cost, failure.can_retry) == (kind, may_cost, True)


def test_the_reason_behind_an_error_counts():
    try:
        try:
            raise ConnectionRefusedError
        except ConnectionRefusedError as reason:
            raise RuntimeError("Connection error.") from reason
    except RuntimeError as error:
        assert str(classify(error, None)) == "the server cannot be reached"


def test_a_page_of_html_is_cut_short():
    assert len(str(classify(StatusError(502, "<html>\n" * 1000), None))) < 500
