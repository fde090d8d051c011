"""Fixtures: a gateway in front of a sandbox, whose bill is compared with the ledger."""

import pathlib
import sys

import pytest

# The gateway and the sandbox as processes are those of the client tests.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients"))

from gateway import Gateway  # noqa: E402
from sandbox import Sandbox  # noqa: E402

from account import Account  # noqa: E402

MEMBERS = """\
metering: { session_headers: { x-claude-code-session-id: tag, session-id: tag } }
models: { aliases: { "claude-*": "sandbox:agent=shell,tokens=7" } }
tiers:
  once: { requests_per_day: 1 }
  short: { output_tokens_per_day: 60, output_reservation: 20, overrun: stop }
"""


@pytest.fixture(scope="session")
def upstream():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def gateway(upstream, tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), MEMBERS, upstream=f"{upstream.url}/v1").start()
    yield gateway
    assert gateway.stop() == 0
    # The log has neither keys nor what was said.
    for forbidden in ("sk-ppl-", "PROMPT-MARKER", "the gateway stands before"):
        assert forbidden not in gateway.log.text


@pytest.fixture
def account(gateway, upstream, request):
    """A key and a model of this test's own."""
    return Account(gateway, upstream, request.node.name)
