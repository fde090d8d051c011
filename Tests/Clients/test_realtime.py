"""WebSockets through the gateway to the sandbox, which echoes."""

import concurrent.futures
import json
import signal

import httpx
import pytest
import websockets.exceptions
import websockets.sync.client

from gateway import TIMEOUT


def connect(gateway, key=None, **options):
    return websockets.sync.client.connect(
        f"ws://127.0.0.1:{gateway.port}/v1/realtime?model=voxtral",
        open_timeout=TIMEOUT,
        additional_headers={"Authorization": f"Bearer {key or gateway.key}"},
        **options,
    )


def test_openai_sdk(client):
    with client.realtime.connect(model="voxtral") as connection:
        connection.send({"type": "input_audio_buffer.append", "audio": "PROMPT-MARKER"})
        assert json.loads(connection.recv_bytes()) == {"type": "input_audio_buffer.append", "audio": "PROMPT-MARKER"}


def test_messages_of_all_sizes(gateway):
    with connect(gateway, max_size=None) as socket:
        for size in (0, 1, 125, 126, 65_535, 65_536, 4 << 20):
            message = bytes(range(256)) * (size // 256) + bytes(size % 256)
            socket.send(message)
            assert socket.recv(TIMEOUT) == message
        socket.send("Hélène 東京")
        assert socket.recv(TIMEOUT) == "Hélène 東京"
        assert socket.ping().wait(TIMEOUT)
    assert socket.close_code == 1000


def test_identity(gateway):
    with connect(gateway) as socket:
        headers = socket.response.headers
        assert headers["x-request-id"] and headers["id"].startswith("rt-")
        assert json.loads(headers["backend"])["engine_type"] == "sandbox"


def test_many_concurrent_requests(gateway):
    def talk(number):
        with connect(gateway) as socket:
            for turn in range(20):
                socket.send(f"{number}:{turn}")
                assert socket.recv(TIMEOUT) == f"{number}:{turn}"

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        list(pool.map(talk, range(20)))


def test_wrong_key(gateway):
    with pytest.raises(websockets.exceptions.InvalidStatus) as raised:
        connect(gateway, "wrong")
    assert raised.value.response.status_code == 401
    assert json.loads(raised.value.response.body)["error"]["code"] == "invalid_api_key"


def test_endpoint_not_allowed(gateway):
    _, key = gateway.create_key("narrow-realtime", "--tier", "narrow")
    with pytest.raises(websockets.exceptions.InvalidStatus) as raised:
        connect(gateway, key)
    assert raised.value.response.status_code == 403


def test_without_upgrade(gateway):
    answer = httpx.get(f"{gateway.url}/v1/realtime", headers={"Authorization": f"Bearer {gateway.key}"})
    assert answer.status_code == 426


def test_usage(gateway, fresh_key):
    identifier, key = fresh_key
    with connect(gateway, key) as socket:
        socket.send("x")
        socket.recv(TIMEOUT)
    (row,) = gateway.usage("key,endpoint,status", requests=1, key=identifier, endpoint="realtime")
    # The gateway does not read the messages: it counts started minutes.
    assert row["status"] == "101" and row["other_units"]["audio_minutes"] == 1 and row["estimated_requests"] == 1


def test_drain_ends_websockets(start):
    gateway = start("limits: { drain_timeout: 300ms }\n")
    with connect(gateway, gateway.first_key()) as socket:
        socket.send("x")
        assert socket.recv(TIMEOUT) == "x"
        gateway.signal(signal.SIGTERM)
        assert gateway.wait(5) == 0
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            socket.recv(TIMEOUT)
