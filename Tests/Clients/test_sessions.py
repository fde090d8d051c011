"""Sessions of coding agents, told by the headers that they send."""

import json
import uuid

import httpx
import pytest

from gateway import eventually

MEMBERS = """\
metering:
  session_headers: { x-claude-code-session-id: tag, session-id: tag, x-agent-user: user }
"""


@pytest.fixture
def agent(start):
    """A gateway that knows headers of sessions, and a function that sends a chat with headers."""
    gateway = start(MEMBERS)
    key = gateway.first_key()

    def chat(headers):
        answer = httpx.post(
            f"{gateway.url}/v1/chat/completions", headers={"Authorization": f"Bearer {key}"} | headers,
            json={"model": "gpt-oss:120b", "messages": [{"role": "user", "content": "Hello"}]},
        )
        assert answer.status_code == 200
        return answer.json()["usage"]["total_tokens"]

    return gateway, chat


def test_cost_of_a_session(agent):
    gateway, chat = agent
    sessions = {str(uuid.uuid4()): "x-claude-code-session-id", str(uuid.uuid4()): "session-id"}
    tokens = {session: sum(chat({header: session, "x-agent-user": "kim"}) for _ in range(3))
              for session, header in sessions.items()}
    chat({})

    def rows():
        rows = {row["tag"]: row for row in gateway.usage("tag")}
        return rows if all(rows.get(session, {}).get("requests") == 3 for session in sessions) else None

    found = eventually(rows)
    for session, total in tokens.items():
        assert found[session]["prompt_tokens"] + found[session]["completion_tokens"] == total
        assert float(found[session]["cost_eur"]) > 0
    (kim,) = [row for row in gateway.usage("user") if row["user"] == "kim"]
    assert kim["requests"] == 6


def test_sessions_are_not_logged(agent):
    gateway, chat = agent
    session = str(uuid.uuid4())
    chat({"session-id": session, "x-agent-user": "user-of-the-agent", "x-propylon-tags": "open"})
    assert eventually(lambda: gateway.log.count("chat/completions"))
    line = next(json.loads(line) for line in gateway.log.text.splitlines() if '"access"' in line)
    assert line["tags"] == ["open"] and "user" not in line
    assert session not in gateway.log.text and "user-of-the-agent" not in gateway.log.text
