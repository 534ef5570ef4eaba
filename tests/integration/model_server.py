"""An OpenAI-compatible server on loopback that answers by a script: in good ways and in all the bad ones."""

import json
import socket
import struct
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 20.0


class ModelServer:
    """Answers each request by the next entry of the script, and by ``otherwise`` when it is used up."""

    def __init__(self):
        self.script, self.otherwise = deque(), says('{"word": "hello"}')
        self.requests, self.keys = [], []
        self.is_over = threading.Event()
        self.httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.httpd.server_port}/v1"

    def __enter__(self):
        threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.httpd.shutdown()
        self.httpd.server_close()

    def play(self, *script):
        self.script.extend(script)


def _handler(server):
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                number = len(server.requests)
                server.requests.append(body)
                server.keys.append(self.headers.get("authorization"))
                act = server.script.popleft() if server.script else server.otherwise
            try:
                act(self, body, number)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def send(self, status, data, **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def begin_stream(self):
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True

        def event(self, data):
            self.wfile.write(b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n")
            self.wfile.flush()

        def rest(self, seconds):
            server.is_over.wait(seconds)

    return Handler


USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def completion(body, texts, *, finish="stop", usage=USAGE, refusal=None):
    choices = []
    for index, text in enumerate(texts):
        message = {"role": "assistant", "content": text}
        if refusal:
            message["refusal"] = refusal
        if body.get("tools"):
            call = {"name": body["tools"][0]["function"]["name"], "arguments": text}
            calls = [{"id": f"c{index}", "type": "function", "function": call}]
            message = {"role": "assistant", "content": None, "tool_calls": calls}
        choices.append({"index": index, "finish_reason": finish, "message": message})
    answer = {"id": "x", "object": "chat.completion", "created": 1, "model": "tiny-1", "choices": choices}
    return {**answer, "usage": usage} if usage else answer


def says(*texts, finish="stop", usage=USAGE, refusal=None):
    """Replies with the texts: one, or as many as ``n`` asks for; ``{number}`` in a text is that of the request."""

    def act(handler, body, number):
        wanted = [text.replace("{number}", str(number)) for text in texts][: body.get("n") or 1]
        if body.get("stream"):
            _stream(handler, body, wanted[0], finish, usage)
            return
        answer = completion(body, wanted, finish=finish, usage=usage, refusal=refusal)
        handler.send(200, json.dumps(answer).encode(), content_type="application/json")

    return act


def says_message(message, *, finish="stop", usage=USAGE):
    """Replies with a message of any form."""

    def act(handler, body, number):
        answer = completion(body, [""], finish=finish, usage=usage)
        answer["choices"][0]["message"] = {"role": "assistant", **message}
        handler.send(200, json.dumps(answer).encode(), content_type="application/json")

    return act


def _stream(handler, body, text, finish, usage, *, is_whole=True):
    handler.begin_stream()
    base = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "tiny-1"}
    for piece in [text[i : i + 5] for i in range(0, len(text), 5)]:
        handler.event({**base, "choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}}]})
    if is_whole:
        handler.event({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if usage and (body.get("stream_options") or {}).get("include_usage"):
            handler.event({**base, "choices": [], "usage": usage})
        handler.event(b"[DONE]")


def half_a_stream(handler, body, number):
    _stream(handler, body, '{"word": "hello"}', "stop", USAGE, is_whole=False)


def fails(status, text="out of order", code=None, **headers):
    def act(handler, body, number):
        error = {"message": text, "type": "error", "param": None, "code": code}
        handler.send(status, json.dumps({"error": error}).encode(), content_type="application/json", **headers)

    return act


def echoes_the_key(handler, body, number):
    fails(400, f"bad request of {handler.headers['authorization']}")(handler, body, number)


def no_choices(handler, body, number):
    handler.send(200, json.dumps(completion(body, [])).encode(), content_type="application/json")


def silence(handler, body, number):
    handler.rest(PATIENCE_S)
    handler.close_connection = True


def drips(handler, body, number):
    """Sends a byte every now and then: no read ever takes long, the whole takes for ever."""
    handler.send_response(200)
    handler.send_header("content-length", "100000")
    handler.end_headers()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        handler.wfile.write(b" ")
        handler.rest(0.05)


def streams_for_ever(handler, body, number):
    handler.begin_stream()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        handler.event({"id": "x", "model": "m", "choices": [{"index": 0, "delta": {"content": "on and "}}]})
        handler.rest(0.05)


def half_a_reply(handler, body, number):
    data = json.dumps(completion(body, ['{"word": "hello"}'])).encode()
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[: len(data) // 2])
    handler.close_connection = True


def truncated_json(handler, body, number):
    data = json.dumps(completion(body, ['{"word": "hello"}'])).encode()
    handler.send(200, data[: len(data) // 2], content_type="application/json")


def resets(handler, body, number):
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True


def takes_no(*names, text="Unsupported parameter: '{name}' is not supported with this model.", named=True, status=400):
    """Refuses a request that holds a parameter of one of these names."""

    def act(handler, body, number):
        found = [name for name in names if name in body]
        if not found:
            says(*['{"word": "hello"}'] * 8)(handler, body, number)
            return
        message = {"message": text.replace("{name}", found[0]), "type": "invalid_request_error", "code": None}
        error = {**message, "param": found[0] if named else None}
        handler.send(status, json.dumps({"error": error}).encode(), content_type="application/json")

    return act


def has_room_for(context, prompt, text, *, status=400, **beside):
    """Refuses a request whose reply could be longer than the context leaves."""

    def act(handler, body, number):
        wanted = body.get("max_completion_tokens") or body.get("max_tokens")
        if prompt + wanted <= context:
            says(*['{"word": "hello"}'] * 8)(handler, body, number)
            return
        numbers = {"context": context, "prompt": prompt, "wanted": wanted, "all": prompt + wanted}
        error = {"message": text.format(**numbers), "type": "invalid_request_error", "param": None, "code": None}
        payload = json.dumps({"error": {**error, **beside}}).encode()
        handler.send(status, payload, content_type="application/json")

    return act


def refuses(*, n=False, json_schema=False, tools=False, json_mode=False):
    """Refuses what it is told to, with status 400; replies well otherwise."""

    def act(handler, body, number):
        form = (body.get("response_format") or {}).get("type")
        wants = {"n": (body.get("n") or 1) > 1, "tools": "tools" in body, "json_schema": form == "json_schema",
                 "json_mode": form == "json_object"}  # fmt: skip
        lacks = {"n": n, "json_schema": json_schema, "tools": tools, "json_mode": json_mode}
        refused = [name for name in wants if wants[name] and lacks[name]]
        act = fails(400, f"{refused} not supported") if refused else says(*['{"word": "hello"}'] * 8)
        act(handler, body, number)

    return act
