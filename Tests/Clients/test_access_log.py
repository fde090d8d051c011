"""The access log: a line a request, in a file that can be rotated."""

import json
import signal

import openai
import pytest

from gateway import Gateway, eventually

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
    assert eventually(lambda: len([line for line in lines(path) if line["path"] != "/v1/models"]) >= 4)
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
