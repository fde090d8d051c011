"""Fixtures: a gateway in front of its sandbox, shared by all tests that need no other."""

import pytest

from gateway import Gateway
from recorder import Recorder
from sandbox import Sandbox

MEMBERS = """\
tiers:
  narrow: { models: ["gpt-oss:*", "gpt-4o"], endpoints: ["chat/completions", "models"] }
models:
  aliases: { gpt-4o: "gpt-oss:120b", text-embedding-3-small: "granite-embedding:278m", "claude-*": "gpt-oss:120b" }
"""


@pytest.fixture
def start(tmp_path_factory):
    """Starts gateways. All of them stop at the end of the test, with exit status 0."""
    started = []

    def start(members=MEMBERS, **options):
        gateway = Gateway(tmp_path_factory.mktemp("gateway"), members, **options)
        started.append(gateway)
        return gateway.start()

    yield start
    for gateway in started:
        if gateway.process.poll() is None:
            assert gateway.stop() == 0


@pytest.fixture
def recorder():
    recorder = Recorder()
    yield recorder
    recorder.close()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), MEMBERS).start()
    gateway.key = gateway.first_key()
    yield gateway
    assert gateway.stop() == 0
    # The log has no text of a request or response, and ids of keys but no keys.
    log = gateway.log.text
    for forbidden in (gateway.key, "sk-ppl-", "the gateway stands before", "PROMPT-MARKER"):
        assert forbidden not in log, "the log holds a key, a prompt or an answer"


@pytest.fixture(scope="session")
def client(gateway):
    with gateway.openai(gateway.key) as client:
        yield client


@pytest.fixture
def fresh_key(gateway, request):
    """A key for one test: its id and the key."""
    return gateway.create_key(request.node.name[:60])


@pytest.fixture
def sandbox():
    """The sandbox as a process of its own: its URL, and a function that returns its bill by model."""
    sandbox = Sandbox()
    yield sandbox.url, sandbox.billed
    sandbox.close()
