"""Causes and events: what the administrator is told when something fails, with real faults."""

import json
import socket
import subprocess
import threading
import urllib.request

import httpx
import pytest

from gateway import BINARY, environment, eventually
from ports import free_port

ACCESS = "log: {{ format: json, access_file: {path} }}\n"
CHAT = {"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "PROMPT-MARKER"}]}


def chat(gateway, key):
    return httpx.post(
        f"{gateway.url}/v1/chat/completions", json=CHAT, headers={"Authorization": f"Bearer {key}"}, timeout=20
    )


def events(gateway, *arguments):
    outcome = gateway.run("events", "--json", *arguments)
    assert outcome.returncode == 0, outcome.stderr
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def page(gateway, path):
    return json.load(urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin_port}{path}"))


def access_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def plain_server():
    """A server that speaks no TLS, and closes connections after the first bytes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.recv(4096)
            connection.sendall(b"this is no TLS\r\n")
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


FAULTS = {
    "unknown host": ("upstream_host_unknown", "upstream_unreachable", "cannot be resolved"),
    "refused port": ("upstream_connection_refused", "upstream_unreachable", "refused"),
    "no TLS": ("upstream_tls", "upstream_tls", "TLS"),
    "no HTTP": ("upstream_malformed", "upstream_protocol", None),
    "wrong key": ("upstream_key_refused", "upstream_auth", None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_own_cause(start, recorder, plain_server, tmp_path, fault):
    cause, error, reason = FAULTS[fault]
    recorder.answer = lambda _: (401, {"content-type": "application/json"}, b'{"error": {"message": "no"}}')
    url = {
        "unknown host": "http://no-such-host.invalid/v1",
        "refused port": f"http://127.0.0.1:{free_port()}/v1",
        "no TLS": f"https://127.0.0.1:{plain_server}/v1",
        "no HTTP": f"http://127.0.0.1:{plain_server}/v1",
        "wrong key": recorder.url,
    }[fault]
    path = tmp_path / "access.log"
    gateway = start(ACCESS.format(path=path), upstream=url)
    key = gateway.first_key()
    answers = [chat(gateway, key) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {502}
    assert {answer.json()["error"]["code"] for answer in answers} == {error}

    # The access line: the error as it was answered, its cause and the reason, and the length of the answer.
    assert eventually(lambda: len(access_lines(path)) == 3)
    for line, answer in zip(access_lines(path), answers):
        assert (line["error"], line["cause"]) == (error, cause)
        assert line["response_bytes"] == len(answer.content)
        assert reason is None or reason in line["detail"]

    # The ledger, the metric and the status.
    assert gateway.usage("cause", 3, cause=cause)[0]["failed_requests"] == 3
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin_port}/metrics").read().decode()
    assert f'propylon_failures_total{{side="upstream",cause="{cause}"}} 3' in metrics
    failing = [state for state in page(gateway, "/admin/v1/status")["states"] if state["failing"]]
    assert [state["cause"] for state in failing] == [cause]
    assert cause in gateway.run("status").stdout

    # One event and one line, whatever the number of failures.
    kind = "upstream.key_refused" if fault == "wrong key" else "upstream.unreachable"
    assert eventually(lambda: len(events(gateway)) == 1)
    (event,) = events(gateway)
    assert (event["kind"], event["cause"]) == (kind, cause)
    assert event["meaning"].endswith(".")
    assert gateway.log.count(kind) == 1
    text = gateway.run("events").stdout
    assert kind in text and cause in text
    assert "upstream-key" not in text + path.read_text() + gateway.log.text


def test_an_untrusted_certificate_is_told_apart(start, tmp_path):
    certificate, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        + ["-keyout", str(private), "-out", str(certificate)],
        check=True, capture_output=True,
    )
    port = free_port()
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(certificate), "-key", str(private), "-quiet"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        assert eventually(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        gateway = start("", upstream=f"https://localhost:{port}/v1")
        assert chat(gateway, gateway.first_key()).json()["error"]["code"] == "upstream_tls"
        assert eventually(lambda: [event["cause"] for event in events(gateway)] == ["upstream_certificate"])
        assert "certificate" in events(gateway)[0]["detail"]
    finally:
        server.kill()
        server.wait()


def test_a_cut_in_mid_stream_is_an_interruption(start):
    gateway = start()
    key = gateway.first_key()
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(
            f"{gateway.url}/v1/chat/completions", headers={"Authorization": f"Bearer {key}"},
            json=CHAT | {"model": "sandbox:fault=cut,tokens=20", "stream": True}, timeout=20,
        ).read()
    assert gateway.usage("cause", 1)[0]["cause"] == "upstream_interrupted"


def test_who_was_refused_by_which_limit(start, tmp_path):
    path = tmp_path / "access.log"
    gateway = start(ACCESS.format(path=path))
    identifier, key = gateway.create_key("alice", "--limit", "requests_per_day=2")
    answers = [chat(gateway, key) for _ in range(6)]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429, 429]

    def refusals():
        rows = gateway.json("usage", "--by", "key,limit", "--where", "status=200,status=429", "--format", "json")
        return {row["limit"]: row["requests"] for row in rows if row["key"] == identifier}

    assert eventually(lambda: refusals() == {None: 2, "key:requests_per_day": 4}), refusals()
    rows = gateway.usage("ending,status", None)
    assert {(row["ending"], row["requests"]) for row in rows if row["status"] == "429"} == {("refused", 4)}
    chosen = gateway.json("usage", "--by", "cause", "--where", "limit=key:requests_per_day", "--format", "json")
    assert [(row["cause"], row["requests"]) for row in chosen] == [("quota_exceeded", 4)]
    exported = gateway.run("usage", "export", "--where", "limit=key:requests_per_day").stdout.splitlines()
    assert {json.loads(line)["limit"] for line in exported} == {"key:requests_per_day"}
    assert len(exported) == 4
    refused = [line for line in access_lines(path) if line["status"] == 429]
    assert {(line["error"], line["cause"], line["limit"]) for line in refused} == {
        ("quota_exceeded", "quota_exceeded", "key:requests_per_day")
    }
    # A window and key and limit are one event, and one line, with the key's name.
    assert eventually(lambda: [event["kind"] for event in events(gateway)].count("limit.refused") == 1)
    (event,) = [event for event in events(gateway) if event["kind"] == "limit.refused"]
    assert (event["subject"], event["subject_name"]) == (identifier, "alice")
    assert event["facts"]["limit"] == "requests_per_day"
    assert gateway.log.count("limit.refused") == 1
    assert key not in json.dumps(event)


def test_events_are_paged_and_streamed(start):
    gateway = start(upstream=f"http://127.0.0.1:{free_port()}/v1")
    address = f"http://127.0.0.1:{gateway.admin_port}/admin/v1/events"
    assert page(gateway, "/admin/v1/events") == {"events": [], "next": 0}
    with httpx.stream("GET", address, headers={"accept": "text/event-stream"}, timeout=20) as stream:
        lines = stream.iter_lines()
        assert stream.headers["content-type"] == "text/event-stream"
        assert next(lines).startswith(":")
        chat(gateway, gateway.first_key())
        received = next(line for line in lines if line.startswith("data: "))
    event = json.loads(received.removeprefix("data: "))
    assert event["kind"] == "upstream.unreachable"
    first = page(gateway, "/admin/v1/events?after=0&limit=1")
    assert first["events"] == [event] and first["next"] == event["number"]
    assert page(gateway, f"/admin/v1/events?after={first['next']}")["events"] == []
    assert httpx.get(address + "?limit=0").status_code == 400


def test_following_on_the_command_line(start):
    gateway = start(upstream=f"http://127.0.0.1:{free_port()}/v1")
    follower = subprocess.Popen(
        [BINARY, "events", "--follow", "--json", "--config", str(gateway.configuration)],
        cwd=gateway.folder, env=environment(), text=True, stdout=subprocess.PIPE,
    )
    try:
        chat(gateway, gateway.first_key())
        assert json.loads(follower.stdout.readline())["kind"] == "upstream.unreachable"
        gateway.configuration.write_text(gateway.configuration.read_text() + "nonsense: 1\n")
        gateway.signal(1)
        refused = json.loads(follower.stdout.readline())
        assert refused["kind"] == "configuration.refused" and "nonsense" in refused["detail"]
    finally:
        follower.kill()
        follower.communicate()


def test_events_need_no_gateway_and_create_nothing(start, tmp_path):
    (tmp_path / "propylon.yaml").write_text(f"data: {tmp_path}/none\n")
    outcome = subprocess.run(
        [BINARY, "events", "--config", str(tmp_path / "propylon.yaml")], env=environment(), capture_output=True, text=True
    )
    assert (outcome.returncode, outcome.stdout) == (0, "")
    assert not (tmp_path / "none").exists()
