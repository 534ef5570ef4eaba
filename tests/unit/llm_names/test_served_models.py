import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from skillwright.llm.served_models import ask_server


@pytest.fixture
def answering():
    """Starts servers that always send one answer; each keeps what it was sent."""
    servers = []

    def started(status, body, **headers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.server.heard.append((self.path, self.headers["authorization"]))
                payload = body.encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(payload))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.heard = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return server

    yield started
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def url_of(server):
    return f"http://127.0.0.1:{server.server_port}/v1"


def test_models_and_their_context_are_read_whatever_else_is_told(answering):
    body = '{"object": "list", "data": [{"id": "a", "max_model_len": 99, "owned_by": "x"}, {"id": "b"}]}'
    server = answering(200, body)
    answer = ask_server(url_of(server), SecretStr("the key"), timeout_s=5)
    assert [(model.id, model.max_model_len) for model in answer.models] == [("a", 99), ("b", None)]
    assert (answer.is_there, answer.status, answer.problem) == (True, 200, "")
    assert server.heard == [("/v1/models", "Bearer the key")]


def test_a_key_never_follows_a_redirect(answering):
    elsewhere = answering(200, '{"data": []}')
    server = answering(302, "", location=f"{url_of(elsewhere)}/models")
    answer = ask_server(url_of(server), SecretStr("canary"), timeout_s=5)
    assert (elsewhere.heard, answer.status, answer.models) == ([], 302, ())


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"data": 3}', '{"data": [{"name": "a"}]}', "\ud7ff", "[" * 5000])
def test_an_answer_that_is_no_list_of_models_is_said_to_be_none(answering, body):
    answer = ask_server(url_of(answering(200, body)), None, timeout_s=5)
    assert (answer.is_there, answer.models, answer.problem) == (True, (), "its answer is no list of models")


def test_a_refusal_is_passed_on_with_its_status(answering):
    answer = ask_server(url_of(answering(401, "{}")), None, timeout_s=5)
    assert (answer.is_there, answer.status, answer.problem) == (True, 401, "HTTP 401 Unauthorized")


def test_a_server_that_is_not_there_is_said_not_to_be():
    answer = ask_server("http://127.0.0.1:9/v1", None, timeout_s=5)
    assert (answer.is_there, answer.status) == (False, None)
    assert "refused" in answer.problem
