"""The data folder: which one is used, who makes it, what a command needs to read it, and the first key."""

import os
import pty
import re
import subprocess
import threading

import pytest

from gateway import BINARY, Lines, environment, run
from ports import free_port

SECRETS = 'admin: { listen: 127.0.0.1:1, token: "${NO_SUCH_TOKEN}" }\nupstream: { api_keys: ["${NO_SUCH_KEY}"] }\n'


def test_reading_needs_no_secret_and_makes_no_folder(tmp_path):
    (tmp_path / "propylon.yaml").write_text(SECRETS)
    for command in (["keys", "list"], ["usage"], ["usage", "export"], ["usage", "corrections"], ["events"]):
        outcome = run(*command, "--config", "propylon.yaml", cwd=tmp_path)
        assert outcome.returncode == 0, outcome.stderr
        assert f"there is no ledger in {tmp_path}/data yet" in outcome.stderr
    # The admin listener's token is needed to ask the gateway, and everything to serve.
    outcome = run("status", "--config", "propylon.yaml", cwd=tmp_path)
    assert outcome.returncode == 3 and "NO_SUCH_TOKEN" in outcome.stderr and "NO_SUCH_KEY" not in outcome.stderr
    outcome = run("serve", "--config", "propylon.yaml", cwd=tmp_path)
    assert outcome.returncode == 3 and "NO_SUCH_TOKEN" in outcome.stderr and "NO_SUCH_KEY" in outcome.stderr
    outcome = run("keys", "set", "ada", "--tier", "monthly", "--config", "propylon.yaml", cwd=tmp_path)
    assert outcome.returncode == 1 and f"there is no ledger in {tmp_path}/data; " in outcome.stderr
    assert os.listdir(tmp_path) == ["propylon.yaml"]


def test_a_folder_on_the_command_line(tmp_path):
    assert run("keys", "create", "--name", "ada", "--data", "here", cwd=tmp_path).returncode == 0
    assert os.listdir(tmp_path) == ["here"]
    assert "ada" in run("keys", "list", "--data", "here", cwd=tmp_path).stdout
    outcome = run("keys", "show", "bob", "--data", "here", cwd=tmp_path)
    assert outcome.returncode == 1 and f"(the data folder is {tmp_path}/here)" in outcome.stderr


@pytest.fixture
def serve(tmp_path):
    """Starts `serve --sandbox` with further arguments and its output in a pipe or a terminal."""
    processes = []

    def start(*arguments, out=subprocess.PIPE):
        ports = [f"127.0.0.1:{free_port()}" for _ in range(2)]
        process = subprocess.Popen(
            [BINARY, "serve", "--sandbox", "--listen", ports[0], "--admin-listen", ports[1], *arguments],
            cwd=tmp_path, env=environment(), text=True, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE,
        )
        processes.append(process)
        Lines(process.stderr)
        return process, ports

    yield start
    for process in processes:
        process.terminate()
        process.wait(20)


def test_a_log_gets_no_key(serve, tmp_path):
    process, ports = serve("--data", "here")
    out = Lines(process.stdout)
    assert out.wait_for("There is no key yet. Create one: propylon keys create --name NAME")
    assert f"Data folder: {tmp_path}/here" in out.text and f"http://{ports[1]}" in out.text
    assert "sk-ppl-" not in out.text
    assert "no key yet" in run("keys", "list", "--data", "here", cwd=tmp_path).stderr


def test_a_log_gets_the_key_on_request(serve):
    process, _ = serve("--first-key")
    out = Lines(process.stdout)
    assert out.wait_for("OPENAI_API_KEY=sk-ppl-")
    assert out.wait_for("It is in the tier monthly, the default_tier, which has no limit")


def test_a_terminal_gets_the_key(serve):
    terminal, end = pty.openpty()
    serve(out=end)
    os.close(end)
    shown = b""
    with open(terminal, "rb", buffering=0) as reader:
        timer = threading.Timer(20, reader.close)
        timer.start()
        while not re.search(rb"OPENAI_API_KEY=sk-ppl-\S+", shown):
            shown += reader.read(4096)
        timer.cancel()
