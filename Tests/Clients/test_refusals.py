"""Refusals that are sent before the request's body was read, and clients that hold connections."""

import http.client
import json
import shutil
import socket
import subprocess
import time

import pytest

from gateway import TIMEOUT, eventually
from wire import Wire, chat_request

CHAT = {"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "PROMPT-MARKER Hello"}]}


def post(gateway, body, key="sk-ppl-wrong-key", connection=None):
    """The status and the error code of a chat completion with `body`, which http.client sends before it reads."""
    connection = connection or http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=TIMEOUT)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", body, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read())["error"]["code"]


def test_refusal_without_a_key_is_read(gateway):
    body = b"x" * 10_000_000
    assert {post(gateway, body) for _ in range(60)} == {(401, "invalid_api_key")}


def test_body_beyond_the_limit_is_refused_readably(gateway):
    body = b"x" * 70_000_000
    assert {post(gateway, body, gateway.key) for _ in range(30)} == {(413, "request_too_large")}


def test_connection_is_kept_after_a_refusal(gateway):
    """Also where the body is large: it is read after the response."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=TIMEOUT)
    connection.connect()
    first = connection.sock
    for size in (10, 100_000, 10_000_000):
        assert post(gateway, b"x" * size, connection=connection) == (401, "invalid_api_key")
        assert connection.sock is first


def test_expectation_is_answered_at_once(gateway):
    with Wire(gateway) as wire:
        wire.send(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n"
            "expect: 100-continue\r\ncontent-length: 10000000\r\n\r\n"
        )
        assert wire.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 401 ")


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node")
def test_fetch_reads_its_refusal(gateway):
    script = """
      const body = "x".repeat(10_000_000);
      let read = 0;
      for (let i = 0; i < 60; i++) {
        try {
          const response = await fetch(process.argv[1], { method: "POST", body, headers: { authorization: "Bearer wrong" } });
          await response.text();
          if (response.status === 401) read++;
        } catch (error) { console.error(String(error.cause ?? error)); }
      }
      console.log(read);
    """
    outcome = subprocess.run(
        ["node", "--input-type=module", "-e", script, f"{gateway.url}/v1/chat/completions"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert outcome.stdout.strip() == "60", outcome.stderr


def test_clients_without_a_key_hold_no_connection(start):
    """As many as there are connections begin bodies of 64 KiB and send a byte at a time."""
    gateway = start("limits: { connections: 40 }\n")
    key = gateway.first_key()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\ncontent-length: 65536\r\n\r\n"
    drips = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(40)]
    try:
        for drip in drips:
            drip.sendall(head)
        begin = time.monotonic()

        def is_served():
            for drip in drips:
                try:
                    drip.sendall(b"x")
                except OSError:
                    pass  # the gateway has closed it
            time.sleep(0.2)
            return gateway.status_of(key) == 200

        assert eventually(is_served)
        assert time.monotonic() - begin < 10
    finally:
        for drip in drips:
            drip.close()


def test_few_descriptors_are_shared_out(start, sandbox):
    """Idle clients without a key take their share of 60 descriptors, and requests still reach the upstream."""
    gateway = start("", upstream=f"{sandbox[0]}/v1", wrapper=["sh", "-c", 'ulimit -n 60; exec "$@"', "sh"])
    key = gateway.first_key()
    assert gateway.log.wait_for(r"limit of 60 open files allows \d+ client connections")
    assert "limit of 60 open files" in " ".join(gateway.json("status", "--json")["warnings"])
    with Wire(gateway) as wire:
        idle = []
        try:
            wire.send(chat_request(key, CHAT))
            assert wire.read_response().status == 200
            idle = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(100)]
            time.sleep(0.5)
            for _ in range(20):
                wire.send(chat_request(key, CHAT))
                assert wire.read_response().status == 200
                assert gateway.is_ready(), "the admin listener has descriptors of its own"
        finally:
            for client in idle:
                client.close()
    assert eventually(lambda: gateway.status_of(key) == 200)
