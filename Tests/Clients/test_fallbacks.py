"""Several keys and upstreams: which of them serves a request."""

import socket
import threading

import httpx
import pytest

from recorder import Recorder

CHAT = {"model": "m", "messages": []}
REFUSAL = b'{"error":{"message":"no","type":"x","param":null,"code":"x"}}'


@pytest.fixture
def recorders():
    recorders = [Recorder(), Recorder()]
    yield recorders
    for recorder in recorders:
        recorder.close()


def send(gateway, count=1, **options):
    headers = {"Authorization": f"Bearer {gateway.key}"}
    answers = [httpx.post(f"{gateway.url}/v1/chat/completions", json=CHAT, headers=headers, **options) for _ in range(count)]
    return [answer.status_code for answer in answers]


def serve(start, recorders, members="api_keys: [upstream-key]", limits=""):
    gateway = start(
        members=f"upstream: {{ base_url: '{recorders[0].url}', {members} }}\nlimits: {{ {limits} }}\n", sandbox=False)
    gateway.key = gateway.first_key()
    return gateway


@pytest.mark.parametrize("status", [401, 402, 403, 429, 503])
def test_a_key_that_is_refused_rests(start, recorders, status):
    first = recorders[0]
    first.answer = lambda arrival: (
        (200, {"content-type": "application/json"}, b"{}")
        if arrival.headers["authorization"] != "Bearer bad-key-000000"
        else (status, {"content-type": "application/json", "retry-after": "60"}, REFUSAL)
    )
    gateway = serve(start, recorders, "api_keys: [good-key-00000, bad-key-000000, fine-key-00000]")
    assert send(gateway, 12) == [200] * 12
    assert [arrival.headers["authorization"] for arrival in first.arrivals].count("Bearer bad-key-000000") == 1


def test_a_fallback_serves_while_the_upstream_is_away(start, recorders):
    first, second = recorders
    gateway = serve(start, recorders, f"retries: 0, fallbacks: [{{ base_url: '{second.url}', api_keys: [another-key-1] }}]")
    first.answer = lambda _: (200, {"content-type": "application/json", "connection": "close"}, b"{}")
    assert send(gateway, 2) == [200, 200] and len(first.arrivals) == 2
    first.close()
    assert send(gateway, 8) == [200] * 8
    assert [arrival.headers["authorization"] for arrival in second.arrivals] == ["Bearer another-key-1"] * 8


def test_without_a_choice_the_answer_is_passed_on(start, recorders):
    first = recorders[0]
    first.answer = lambda _: (429, {"content-type": "application/json", "retry-after": "7"}, REFUSAL)
    gateway = serve(start, recorders)
    headers = {"Authorization": f"Bearer {gateway.key}"}
    answer = httpx.post(f"{gateway.url}/v1/chat/completions", json=CHAT, headers=headers)
    assert answer.status_code == 429 and answer.headers["retry-after"] == "7" and answer.content == REFUSAL


EVENT = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n'


class SilentUpstream:
    """Begins a stream with a comment, and sends its event once `speak` is set."""

    def __init__(self):
        self.speak = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connection, _ = self._socket.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n: processing\n\n")
            if self.speak.wait(20):
                connection.sendall(EVENT)

    def close(self):
        self._socket.close()


def test_a_silent_stream_is_kept_alive(start):
    upstream = SilentUpstream()
    gateway = serve(start, [upstream], limits="stream_keepalive: 100ms")
    headers = {"Authorization": f"Bearer {gateway.key}"}
    body = CHAT | {"stream": True}
    with httpx.stream("POST", f"{gateway.url}/v1/chat/completions", json=body, headers=headers, timeout=20) as stream:
        assert stream.status_code == 200 and stream.headers["backend"]
        text = ""
        for piece in stream.iter_text():
            text += piece
            if text.count(": keep-alive\n\n") == 3:
                upstream.speak.set()
    upstream.close()
    assert text.startswith(": processing\n\n: keep-alive\n\n") and text.endswith(EVENT.decode())
