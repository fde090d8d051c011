"""HTTP from curl, and malformed HTTP."""

import gzip
import json
import subprocess
import time

import pytest

from gateway import TIMEOUT
from wire import Wire

CHAT = '{"model": "sandbox:tokens=3", "messages": [{"role": "user", "content": "PROMPT-MARKER"}]}'


def curl(gateway, path, *arguments):
    """The output of curl. The key comes from standard input, so that no list of processes shows it."""
    outcome = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "20", "--config", "-", *arguments, gateway.url + path],
        input=f'header = "Authorization: Bearer {gateway.key}"\n'.encode(),
        capture_output=True,
        timeout=TIMEOUT + 5,
    )
    outcome.stdout, outcome.stderr = outcome.stdout.decode(), outcome.stderr.decode()
    return outcome


def head_and_body(text):
    head, _, body = text.rpartition("\r\n\r\n")
    return head, body


def chat_head(gateway, *fields, version="1.1", length=len(CHAT)):
    lines = [
        f"POST /v1/chat/completions HTTP/{version}",
        "Host: gateway",
        f"Authorization: Bearer {gateway.key}",
        "Content-Type: application/json",
        *([f"Content-Length: {length}"] if length is not None else []),
        *fields,
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


# curl


def test_a_first_request(gateway):
    outcome = curl(gateway, "/v1/chat/completions", "-H", "Content-Type: application/json", "-d", CHAT)
    assert json.loads(outcome.stdout)["usage"]["completion_tokens"] == 3


def test_stream(gateway):
    body = CHAT.replace("{", '{"stream": true, ', 1)
    outcome = curl(gateway, "/v1/chat/completions", "-N", "-i", "-d", body)
    head, body = head_and_body(outcome.stdout)
    assert "content-type: text/event-stream" in head.lower() and "cache-control: no-cache" in head.lower()
    assert body.endswith("data: [DONE]\n\n") and body.count("\n\ndata: ") == 5


def test_upload_with_expect_100_continue(gateway, tmp_path):
    file = tmp_path / "upload.jsonl"
    file.write_bytes(b"x" * (2 << 20))
    outcome = curl(
        gateway, "/v1/files", "-v", "-H", "Expect: 100-continue", "-F", "purpose=batch", "-F", f"file=@{file}"
    )
    assert json.loads(outcome.stdout)["bytes"] == 2 << 20
    assert "HTTP/1.1 100 Continue" in outcome.stderr


def test_refused_upload_is_not_sent(gateway, tmp_path):
    file = tmp_path / "upload.jsonl"
    file.write_bytes(b"x" * (130 << 20))
    outcome = curl(
        gateway,
        "/v1/files",
        "-i",
        "-H",
        "Expect: 100-continue",
        "-F",
        "purpose=batch",
        "-F",
        f"file=@{file}",
        "-w",
        "\n%{size_upload}",
    )
    assert outcome.stdout.startswith("HTTP/1.1 413")
    assert int(outcome.stdout.rsplit("\n", 1)[1]) == 0


def test_http_1_0(gateway):
    outcome = curl(gateway, "/v1/chat/completions", "--http1.0", "-i", "-d", CHAT)
    assert '"completion_tokens":3' in outcome.stdout and "transfer-encoding" not in outcome.stdout.lower()
    stream = curl(gateway, "/v1/chat/completions", "--http1.0", "-i", "-d", CHAT.replace("{", '{"stream": true, ', 1))
    assert stream.stdout.endswith("data: [DONE]\n\n") and "transfer-encoding" not in stream.stdout.lower()


def test_head(gateway):
    outcome = curl(gateway, "/v1/models", "--head")
    assert outcome.stdout.startswith("HTTP/1.1 200") and outcome.returncode == 0
    # A length in the response to HEAD is that of GET, for a list that the gateway filters and for one model.
    for path in ("/v1/models", "/v1/models/gpt-oss:120b"):
        size = len(curl(gateway, path).stdout.encode())
        lines = curl(gateway, path, "--head").stdout.lower().splitlines()
        assert {line for line in lines if line.startswith("content-length:")} <= {f"content-length: {size}"}


def test_chunked_request_body(gateway):
    outcome = curl(gateway, "/v1/chat/completions", "-H", "Transfer-Encoding: chunked", "-d", CHAT)
    assert json.loads(outcome.stdout)["usage"]["completion_tokens"] == 3


def test_gzip(gateway):
    body = CHAT.replace("tokens=3", "tokens=3,encoding=gzip")
    outcome = curl(gateway, "/v1/chat/completions", "--compressed", "-i", "-d", body)
    head, text = head_and_body(outcome.stdout)
    assert "content-encoding: gzip" in head.lower()
    assert json.loads(text)["usage"]["completion_tokens"] == 3
    plain = curl(gateway, "/v1/chat/completions", "-i", "-d", body)
    assert "content-encoding" not in head_and_body(plain.stdout)[0].lower()


def test_gzip_is_forwarded_unchanged(gateway):
    body = CHAT.replace("tokens=3", "size=100KiB,encoding=gzip")
    with Wire(gateway) as connection:
        connection.send(chat_head(gateway, "Accept-Encoding: gzip", length=len(body)) + body)
        answer = connection.read_response()
    assert answer.is_whole and answer.headers["content-encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(answer.body))["choices"][0]["message"]["content"]) == 100 << 10


def test_health_pages(gateway):
    for path, text in (("/healthz", "alive\n"), ("/readyz", "ready\n")):
        assert subprocess.run(["curl", "-sS", gateway.url + path], capture_output=True, text=True).stdout == text


# The wire


def test_connection_is_kept_alive(gateway):
    with Wire(gateway) as connection:
        for _ in range(3):
            connection.send(chat_head(gateway) + CHAT)
            assert connection.read_response().status == 200
        connection.send(chat_head(gateway, "Connection: close") + CHAT)
        assert connection.read_response().status == 200
        assert connection.read_rest() == b""


def test_pipelined_responses_keep_the_order(gateway):
    with Wire(gateway) as connection:
        connection.send(
            "".join(
                chat_head(gateway, length=len(CHAT)) + CHAT.replace("tokens=3", f"tokens={count}")
                for count in (4, 1, 2)
            )
        )
        answers = [connection.read_response() for _ in range(3)]
    assert [json.loads(answer.body)["usage"]["completion_tokens"] for answer in answers] == [4, 1, 2]


def test_request_byte_by_byte(gateway):
    with Wire(gateway) as connection:
        for byte in (chat_head(gateway) + CHAT).encode():
            connection.send(bytes([byte]))
        assert connection.read_response().status == 200


def test_half_closed_client_gets_its_response(gateway):
    with Wire(gateway) as connection:
        connection.send(chat_head(gateway) + CHAT)
        connection.finish_sending()
        assert connection.read_response().status == 200


MALFORMED = [
    ("nonsense\r\n\r\n", 400),
    ("GET /v1/models\r\n\r\n", 400),
    ("GET  /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /v1/models HTTP/1.1\r\n\r\n", 400),  # no Host
    ("GET /v1/models HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    ("GET /v1/models HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    ("GET /v1/models HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
    ("GET /v1/models HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400),
    ("GET /v1/models HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    ("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n", 400),
    ("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST /v1/files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    ("GET /v1/models HTTP/1.1\r\nHost: x\r\nA: " + "b" * (40 << 10) + "\r\n\r\n", 431),
    ("GET /" + "x" * (40 << 10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414),
]


@pytest.mark.parametrize("request_text, status", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_requests_get_an_error_object(gateway, request_text, status):
    with Wire(gateway) as connection:
        connection.send(request_text)
        answer = connection.read_response()
        assert answer.status == status
        error = json.loads(answer.body)["error"]
        assert error["type"] == "invalid_request_error" and error["code"] and error["message"]
        assert set(error) == {"message", "type", "param", "code"}
        for name in ("id", "backend", "x-request-id"):
            assert answer.headers[name]
        # The next request cannot be told from the body, so nothing more is read.
        assert connection.read_rest() == b""


@pytest.mark.parametrize(
    "chunk", ["x\r\n", "-1\r\n", "5\r\nabc\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "5;a\nhello\r\n0\r\n\r\n"]
)
def test_malformed_chunks(gateway, chunk):
    with Wire(gateway) as connection:
        connection.send(chat_head(gateway, "Transfer-Encoding: chunked", length=None) + chunk)
        answer = connection.read_response()
    assert answer.status == 400 and json.loads(answer.body)["error"]["type"] == "invalid_request_error"


def test_smuggled_request_gets_no_response(gateway):
    """Two framings: whichever the server uses, the other one can hide a request."""
    smuggled = f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\n\r\n"
    with Wire(gateway) as connection:
        connection.send(
            chat_head(gateway, "Transfer-Encoding: chunked", length=5 + len(smuggled)) + "0\r\n\r\n" + smuggled
        )
        assert connection.read_response().status == 400
        assert connection.read_rest() == b""


@pytest.mark.parametrize("fault", ["cut", "reset", "wrong-length"])
@pytest.mark.parametrize("stream", [False, True])
def test_upstream_truncation_is_forwarded(gateway, fault, stream):
    """A truncated body has neither its full length nor a last chunk."""
    body = json.dumps(
        {"model": f"sandbox:size=300KiB,fault={fault}", "messages": [], "stream": stream}
        | {"messages": [{"role": "user", "content": "x"}]}
    )
    with Wire(gateway) as connection:
        connection.send(chat_head(gateway, length=len(body)) + body)
        answer = connection.read_response()
    assert answer.status in (200, 502)
    if answer.status == 200:
        assert not answer.is_whole and b"[DONE]" not in answer.body


def test_slow_head_times_out(start):
    gateway = start("limits: { header_timeout: 300ms, idle_timeout: 300ms, body_timeout: 300ms }\n")
    gateway.key = gateway.first_key()
    began = time.monotonic()
    with Wire(gateway) as connection:
        connection.send("GET /v1/models HT")
        answer = connection.read_response()
        assert answer.status == 408 and json.loads(answer.body)["error"]["code"] == "request_timeout"
    with Wire(gateway) as connection:
        connection.send(chat_head(gateway) + CHAT[:10])
        assert connection.read_response().status == 408
    with Wire(gateway) as connection:
        assert connection.read_rest() == b""
    assert time.monotonic() - began < 5


def test_more_connections_than_allowed(start):
    gateway = start("limits: { connections: 3 }\n")
    gateway.key = gateway.first_key()
    held = []
    for _ in range(3):
        connection = Wire(gateway)
        connection.send(chat_head(gateway) + CHAT)
        assert connection.read_response().status == 200
        held.append(connection)
    with Wire(gateway) as connection:
        connection.send(chat_head(gateway) + CHAT)
        answer = connection.read_response()
    assert answer.status == 503 and json.loads(answer.body)["error"]["code"] == "overloaded"
    assert answer.headers["retry-after"]
    for connection in held:
        connection.__exit__()
