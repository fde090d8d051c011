"""The access log: a line a request, in a file that can be rotated."""

import json
import signal
import socket
import struct
import urllib.request

import openai
import pytest

from gateway import TIMEOUT, Gateway, eventually
from ports import free_port

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_line_for_every_request(start, tmp_path):
    path = tmp_path / "access.log"
    gateway = start(f"log: {{ format: json, access_file: {path} }}\n")
    identifier, key = gateway.create_key("access", "--team", "red")
    client = gateway.openai(key)
    answer = client.chat.completions.create(
        model="sandbox:tokens=5", messages=HELLO, user="ada", extra_headers={"x-propylon-tags": "one,two"}
    )
    for chunk in client.chat.completions.create(model="sandbox:tokens=3", messages=HELLO, stream=True):
        pass
    with pytest.raises(openai.AuthenticationError):
        gateway.openai("sk-ppl-wrong").models.list()
    with pytest.raises(openai.NotFoundError):
        client.get("/../secret?query=SECRET-QUERY", cast_to=object)
    # A key where none belongs.
    with pytest.raises(openai.NotFoundError):
        client.get(f"/files/{key}", cast_to=object, options={"headers": {"user-agent": f"a/{key}"}})
    assert eventually(lambda: len([line for line in lines(path) if line["path"] != "/v1/models"]) >= 5)
    assert any(line["path"].startswith("/v1/files/sk-ppl-") and line["user_agent"].endswith("*") for line in lines(path))
    plain, streamed = [line for line in lines(path) if line.get("endpoint") == "chat/completions"]
    assert (plain["status"], plain["key"], plain["team"], plain["user"]) == (200, identifier, "red", "ada")
    assert plain["tags"] == ["one", "two"]
    assert plain["completion_tokens"] == 5 and plain["prompt_tokens"] == answer.usage.prompt_tokens
    assert (plain["ending"], plain["exactness"], plain["method"]) == ("complete", "exact", "POST")
    assert streamed["streamed"] and streamed["completion_tokens"] == 3
    assert [line for line in lines(path) if line["status"] == 401 and "key" not in line]
    text = path.read_text() + gateway.log.text + gateway.out.text.replace(gateway.first_key(), "")
    for secret in ("PROMPT-MARKER", key, "sk-ppl-wrong", "SECRET-QUERY", answer.choices[0].message.content):
        assert secret not in text


@pytest.mark.parametrize("rotates", [signal.SIGUSR1, signal.SIGHUP])
def test_moved_file_is_reopened(start, tmp_path, rotates):
    path, old = tmp_path / "access.log", tmp_path / "access.log.1"
    gateway = start(f"log: {{ format: json, access_file: {path} }}\n")
    key = gateway.first_key()
    assert gateway.status_of(key) == 200
    assert eventually(lambda: lines(path))
    path.rename(old)
    gateway.signal(rotates)
    assert eventually(path.exists)
    assert gateway.status_of(key) == 200
    assert eventually(lambda: lines(path))
    assert len(lines(old)) + len(lines(path)) == 2


def test_nothing_is_lost_at_the_end(start, tmp_path):
    path = tmp_path / "access.log"
    gateway = start(f"log: {{ format: json, access_file: {path} }}\n")
    key = gateway.first_key()
    for _ in range(50):
        assert gateway.status_of(key) == 200
    assert gateway.stop() == 0
    assert len(lines(path)) == 50


def test_lines_go_to_standard_error_by_default_and_can_be_off(start):
    gateway = start()
    assert gateway.status_of(gateway.first_key()) == 200
    assert gateway.log.wait_for('"type":"access"')
    gateway = start("log: { access: false }\n")
    assert gateway.status_of(gateway.first_key()) == 200
    assert gateway.stop() == 0
    assert "access" not in gateway.log.text


def test_file_that_cannot_be_opened_is_reported(tmp_path):
    gateway = Gateway(tmp_path, f"log: {{ access_file: {tmp_path}/none/access.log }}\n")
    with pytest.raises(AssertionError, match="access log .* cannot be opened: No such file"):
        gateway.start()
    assert gateway.wait() == 1


def ask(address, port, *fields, agent=None):
    """Asks for the models from `address` of this machine, with further header fields, and returns the response's bytes."""
    version = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(version) as connection:
        connection.settimeout(TIMEOUT)
        connection.bind((address, 0))
        connection.connect(("::1" if ":" in address else "127.0.0.1", port))
        head = [b"GET /v1/models HTTP/1.1", b"host: x", b"connection: close", *(field.encode() for field in fields)]
        connection.sendall(b"\r\n".join(head + ([b"user-agent: " + agent] if agent else []) + [b"", b""]))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def metrics(gateway):
    return urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin_port}/metrics").read().decode()


def last_line(path, count):
    assert eventually(lambda: len(lines(path)) >= count)
    return lines(path)[-1]


def test_the_client_is_the_one_behind_trusted_proxies(start, tmp_path):
    """Of the loopback addresses 127.0.0.2 and 127.1.0.0/16 are proxies, 127.0.0.1 is a client that lies."""
    path, port = tmp_path / "access.log", free_port()
    members = f"log: {{ format: json, access_file: {path} }}\n"
    gateway = start(
        members + "trusted_proxies: [127.0.0.2, 127.1.0.0/16, '::1']\n", listen=f"[127.0.0.1:{port}, '[::1]:{port}']"
    )
    forged = "X-Forwarded-For: 6.6.6.6"
    cases = [
        ("127.0.0.1", [forged], "127.0.0.1"),
        ("127.0.0.2", [], "127.0.0.2"),
        ("127.0.0.2", [f"{forged}, 192.0.2.9"], "192.0.2.9"),
        ("127.0.0.2", [f"{forged}, 192.0.2.9, 127.1.2.3"], "192.0.2.9"),
        ("127.0.0.2", [forged, "x-forwarded-for: 192.0.2.9", "x-forwarded-for: 127.1.2.3"], "192.0.2.9"),
        ("127.1.9.9", [f"{forged}, [2001:db8::1]:99"], "2001:db8::1"),
        ("127.0.0.2", [f"{forged}, unknown"], "127.0.0.2"),
        ("::1", [f"{forged}, 192.0.2.9"], "192.0.2.9"),
    ]
    for count, (address, fields, expected) in enumerate(cases, 1):
        assert ask(address, port, *fields).startswith(b"HTTP/1.1 401 ")
        assert last_line(path, count)["client"] == expected, (address, fields)
    # A reload changes whom it believes.
    gateway.configure(members + "trusted_proxies: [127.0.0.1]\n")
    gateway.signal(signal.SIGHUP)
    assert gateway.log.wait_for("the configuration is reloaded")
    assert ask("127.0.0.1", port, forged)
    assert last_line(path, len(cases) + 1)["client"] == "6.6.6.6"
    assert ask("127.0.0.2", port, forged)
    assert last_line(path, len(cases) + 2)["client"] == "127.0.0.2"


def test_a_wrong_proxy_is_an_error_with_its_place(tmp_path):
    gateway = Gateway(tmp_path, "trusted_proxies: [127.0.0.1, 10.0.0.0/33]\n")
    check = gateway.run("config", "check")
    assert check.returncode == 3
    assert ":4:30: error: trusted_proxies[1]" in check.stderr, check.stderr


@pytest.mark.parametrize("kind", ["json", "text"])
def test_the_program_and_the_key_are_named(start, tmp_path, kind):
    path = tmp_path / "access.log"
    gateway = start(f"log: {{ format: {kind}, access_file: {path} }}\n")
    identifier, key = gateway.create_key("Ada L.")

    def written():
        return [line for line in path.read_bytes().splitlines() if b"/v1/models" in line]

    agent = b"evil\t\"}\xff\xc2\x9b[2J " + b"x" * 400
    assert ask("127.0.0.1", gateway.port, f"authorization: Bearer {key}", agent=agent).startswith(b"HTTP/1.1 200 ")
    assert eventually(written)
    # Without a name, and without a key.
    assert ask("127.0.0.1", gateway.port).startswith(b"HTTP/1.1 401 ")
    assert eventually(lambda: len(written()) == 2)
    named, anonymous = written()
    assert all(0x20 <= byte < 0x7F for byte in named) and key.encode() not in named
    assert b"user_agent" not in anonymous and b"key_name" not in anonymous and b"127.0.0.1" in anonymous
    if kind == "text":
        assert f'client=127.0.0.1 key_name="Ada L." key={identifier}'.encode() in named
        assert b'user_agent="evil\\t\\"}\\ufffd\\u009b[2J xxx' in named
        return
    named = json.loads(named)
    assert (named["client"], named["key"], named["key_name"]) == ("127.0.0.1", identifier, "Ada L.")
    assert named["user_agent"].startswith("evil\t\"}\ufffd\x9b[2J xxx")
    assert 200 < len(named["user_agent"]) <= 256


def test_a_client_that_has_left_is_known(start, tmp_path):
    path = tmp_path / "access.log"
    gateway = start(f"log: {{ format: json, access_file: {path} }}\n")
    key = gateway.first_key()
    body = b'{"model": "sandbox:first=20s", "messages": [{"role": "user", "content": "hi"}]}'
    with socket.create_connection(("127.0.0.1", gateway.port), TIMEOUT) as connection:
        # Closed with a reset: the system forgets the address.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            + f"authorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        assert eventually(lambda: "\npropylon_requests_in_flight 1" in metrics(gateway))
    assert eventually(lambda: [line for line in lines(path) if line["status"] == 499])
    assert [line["client"] for line in lines(path) if line["status"] == 499] == ["127.0.0.1"]
