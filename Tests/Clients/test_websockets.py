"""Ends of WebSockets through the gateway, and requests for other protocols."""

import contextlib
import json
import signal
import subprocess
import threading
import time

import openai
import pytest
import websockets.exceptions
import websockets.sync.client
import websockets.sync.server

from gateway import TIMEOUT, eventually


def connect(gateway, key, model="voxtral", **options):
    return websockets.sync.client.connect(
        f"ws://127.0.0.1:{gateway.port}/v1/realtime?model={model}",
        open_timeout=TIMEOUT,
        additional_headers={"Authorization": f"Bearer {key}"},
        **options,
    )


def close_of(socket):
    """The code and reason of the close frame that the gateway sends; None where the connection ends without one."""
    with pytest.raises(websockets.exceptions.ConnectionClosed) as raised:
        socket.recv(TIMEOUT)
    received = raised.value.rcvd
    return received and (received.code, received.reason)


def row_of(gateway, identifier):
    """The row of the only WebSocket of a key."""
    (row,) = gateway.usage("key,endpoint,status", requests=1, key=identifier, endpoint="realtime", status="101")
    return row


@contextlib.contextmanager
def upstream(handler, **options):
    """A WebSocket server that calls `handler` for each connection: its URL."""
    server = websockets.sync.server.serve(handler, "127.0.0.1", 0, **options)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}/v1"
    finally:
        server.shutdown()


def test_a_close_code_passes(gateway):
    with connect(gateway, gateway.key) as socket:
        socket.close(4711, "done")
        assert (socket.close_code, socket.close_reason) == (4711, "done")


def test_pings_of_both_sides_pass(gateway):
    with connect(gateway, gateway.key, "sandbox:interval=20ms", ping_interval=0.02) as socket:
        # The sandbox closes where a ping has no answer; so does the client.
        time.sleep(0.5)
        socket.send("still here")
        assert socket.recv(TIMEOUT) == "still here"


def test_fragments_and_compression_pass_unread(start):
    def echo(socket):
        for message in socket:
            socket.send([message[: len(message) // 2], message[len(message) // 2 :]])

    with upstream(echo, compression="deflate", max_size=None) as url:
        gateway = start(upstream=url)
        with connect(gateway, gateway.first_key(), compression="deflate", max_size=None) as socket:
            assert "permessage-deflate" in socket.response.headers["sec-websocket-extensions"]
            for size in (0, 1, 200, 70_000, 1 << 20):
                message = "PROMPT-MARKER "[: size or 1] * (size // 14 + 1)
                socket.send([message[:1], message[1:]])
                assert socket.recv(TIMEOUT) == message


def test_the_subprotocol_of_a_browser_passes_without_its_key(start):
    seen = []

    def handler(socket):
        seen.append(socket.request.headers)
        socket.recv(TIMEOUT)

    with upstream(handler, subprotocols=["realtime"]) as url:
        gateway = start(upstream=url)
        key = gateway.first_key()
        offers = ["realtime", f"openai-insecure-api-key.{key}", "openai-beta.realtime-v1"]
        with connect(gateway, key, subprotocols=offers) as socket:
            assert socket.subprotocol == "realtime"
            socket.send("x")
        (headers,) = seen
        assert headers["sec-websocket-protocol"] == "realtime, openai-beta.realtime-v1"
        assert key not in str(headers)


def test_a_shutdown_closes_at_once(start):
    closes = []

    def handler(socket):
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            socket.recv(TIMEOUT)
        closes.append(socket.close_code)

    with upstream(handler) as url:
        gateway = start("limits: { drain_timeout: 60s }\n", upstream=url)
        with connect(gateway, gateway.first_key()) as socket:
            began = time.monotonic()
            gateway.signal(signal.SIGTERM)
            code, reason = close_of(socket)
            assert code == 1001 and reason.startswith("draining")
            assert gateway.wait(10) == 0
            assert time.monotonic() - began < 10
        assert eventually(lambda: closes == [1001])


def test_a_revoked_key_ends_it(start):
    gateway = start()
    gateway.first_key()
    identifier, key = gateway.create_key("revoked")
    with connect(gateway, key) as socket:
        socket.send("x")
        assert socket.recv(TIMEOUT) == "x"
        assert gateway.run("keys", "revoke", identifier).returncode == 0
        code, reason = close_of(socket)
        assert code == 1008 and reason.startswith("api_key_revoked: ")
    assert row_of(gateway, identifier)["other_units"]["audio_minutes"] == 1


def test_a_key_that_expires_ends_it(start):
    gateway = start()
    gateway.first_key()
    _, key = gateway.create_key("expiring", "--expires", "3s")
    with connect(gateway, key) as socket:
        code, reason = close_of(socket)
        assert code == 1008 and reason.startswith("api_key_expired: ")


def test_silence_ends_it(start):
    gateway = start("limits: { tunnel_idle_timeout: 1s }\n")
    with connect(gateway, gateway.first_key(), ping_interval=None) as socket:
        code, reason = close_of(socket)
        assert code == 1001 and reason.startswith("idle_timeout: ")


def test_a_budget_admits_what_it_has_room_for(start):
    gateway = start(
        "tiers: { poor: { budget_eur_per_day: 0.015 }, broke: { budget_eur_per_day: 0.001 } }\n"
        "models: { prices: { voxtral: { audio_minute: 0.01 } } }\n"
    )
    gateway.first_key()
    identifier, key = gateway.create_key("poor", "--tier", "poor")
    with connect(gateway, key) as socket:
        socket.send("x")
        assert socket.recv(TIMEOUT) == "x"
        with pytest.raises(websockets.exceptions.InvalidStatus) as raised:
            connect(gateway, key)
        assert raised.value.response.status_code == 429
    assert row_of(gateway, identifier)["cost_eur"].startswith("0.01")


@pytest.mark.parametrize(
    "fault, close",
    [("cut", None), ("malformed", (1011, "upstream_interrupted"))],
)
def test_an_upstream_that_breaks_off(gateway, fault, close):
    with connect(gateway, gateway.key, f"sandbox:fault={fault}", compression=None) as socket:
        socket.send("a message of some length")
        received = close_of(socket)
        assert (received and (received[0], received[1].split(":")[0])) == close


def test_a_handshake_that_the_upstream_does_not_agree_to(gateway):
    with pytest.raises(websockets.exceptions.InvalidStatus) as raised:
        connect(gateway, gateway.key, "sandbox:fault=wrong-accept")
    assert raised.value.response.status_code == 502
    assert json.loads(raised.value.response.body)["error"]["code"] == "upstream_protocol"


def test_kill_9_keeps_the_minutes(start):
    gateway = start()
    gateway.first_key()
    identifier, key = gateway.create_key("killed")
    with connect(gateway, key) as socket:
        socket.send("x")
        assert socket.recv(TIMEOUT) == "x"
        gateway.signal(signal.SIGKILL)
        gateway.wait()
        gateway.start()
        assert row_of(gateway, identifier)["other_units"]["audio_minutes"] == 1


# Other protocols


def curl(gateway, *arguments):
    """The response of curl, which offers HTTP/2: its head and its body."""
    outcome = subprocess.run(
        ["curl", "--http2", "-si", "--max-time", "10", "-H", f"authorization: Bearer {gateway.key}", *arguments],
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0
    head, _, body = outcome.stdout.partition("\n\n")
    return head, body


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_http2_is_not_offered_further(gateway, method):
    if method == "GET":
        head, body = curl(gateway, f"{gateway.url}/v1/models")
    else:
        head, body = curl(
            gateway,
            f"{gateway.url}/v1/chat/completions",
            "--json",
            '{"model": "sandbox", "messages": [{"role": "user", "content": "x"}]}',
        )
    assert head.startswith("HTTP/1.1 200 OK")
    assert json.loads(body)["object"] in ("list", "chat.completion")


def test_an_upgrade_does_not_reach_the_upstream(start, recorder):
    gateway = start(upstream=recorder.url)
    gateway.key = gateway.first_key()
    head, _ = curl(gateway, f"{gateway.url}/v1/other", "--json", "{}")
    assert head.startswith("HTTP/1.1 200 OK")
    (arrival,) = recorder.arrivals
    assert not {"upgrade", "http2-settings"} & arrival.headers.keys()
    assert "upgrade" not in arrival.headers.get("connection", "").lower()


@pytest.mark.parametrize("stream", [False, True])
def test_a_switch_that_nothing_asked_for(gateway, client, stream):
    with pytest.raises(openai.APIStatusError) as raised:
        client.chat.completions.create(
            model="sandbox:fault=switch", messages=[{"role": "user", "content": "x"}], stream=stream
        )
    assert raised.value.status_code == 502 and raised.value.code == "upstream_protocol"
