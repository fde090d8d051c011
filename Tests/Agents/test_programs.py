"""Codex and Claude Code, the real programs, work through the gateway. The sandbox's model runs the commands of a task (`$ ls`), or makes
its calls (`call Edit {…}`), one after another, and then answers."""

import httpx
import pytest
from gateway import TIMEOUT, eventually

from account import CACHED, Account
from programs import ClaudeCode, Codex

PROGRAMS = pytest.mark.parametrize("kind", [Codex, ClaudeCode], ids=["codex", "claude-code"])


def line(number):
    return f"line {number}: “é” \\ ▶ 'PROMPT-MARKER'"


@PROGRAMS
def test_a_task_writes_a_file(account, tmp_path, kind):
    program = kind(tmp_path, account)
    outcome = program.ask("PROMPT-MARKER Do this:\n$ echo written > file.txt && cat file.txt")
    assert outcome.status == 0, outcome
    assert (program.work / "file.txt").read_text() == "written\n"
    row = account.used(program.endpoint, requests=2)
    assert program.usage([outcome]) == (row["prompt_tokens"], 2 * CACHED, row["completion_tokens"])
    # The session's id is a tag, by which its cost is told.
    (session,) = account.gateway.usage("key,tag", requests=2, key=account.identifier, tag=program.session(outcome))
    assert session["cost_eur"] == row["cost_eur"]


@PROGRAMS
def test_a_session_of_ten_turns_edits_a_file(account, tmp_path, kind):
    program = kind(tmp_path, account)
    outcomes = [program.ask(f"Begin.\n{program.write(line(0))}")]
    for turn in range(1, 10):
        task = f"Go on, and look at it then.\n{program.edit(line(turn - 1), line(turn))}\n$ cat notes.txt"
        outcomes.append(program.ask(task))
        assert (program.work / "notes.txt").read_text() == f"{line(turn)}\n", outcomes[-1]
    assert [outcome.status for outcome in outcomes] == [0] * 10
    row = account.used(program.endpoint, requests=2 + 9 * 3)
    assert program.usage(outcomes) == (row["prompt_tokens"], 29 * CACHED, row["completion_tokens"])


def test_claude_code_uses_the_alias_of_its_own_models(account, tmp_path):
    program = ClaudeCode(tmp_path, account)
    del program.variables["ANTHROPIC_MODEL"], program.variables["ANTHROPIC_DEFAULT_HAIKU_MODEL"]
    outcome = program.ask("PROMPT-MARKER Do this:\n$ echo written > file.txt")
    assert outcome.status == 0, outcome
    assert (program.work / "file.txt").read_text() == "written\n"
    account.gateway.usage("key,model", requests=2, key=account.identifier, model="sandbox:agent=shell,tokens=7")


def refused(program):
    outcome = program.ask("PROMPT-MARKER Hello")
    assert outcome.status == 1
    return program.complaint(outcome)


@PROGRAMS
def test_a_refused_key_is_named(account, tmp_path, kind):
    assert account.gateway.run("keys", "suspend", account.identifier).returncode == 0
    # The gateway follows within a second; Codex is faster.
    assert eventually(lambda: account.gateway.status_of(account.key) == 401)
    complaint = refused(kind(tmp_path, account))
    assert "401" in complaint and "suspended" in complaint


@PROGRAMS
def test_a_spent_quota_is_named(gateway, upstream, tmp_path, request, kind):
    account = Account(gateway, upstream, request.node.name, tier="once")
    body = {"model": account.model, "messages": [{"role": "user", "content": "Hello"}]}
    bearer = {"authorization": f"Bearer {account.key}"}
    assert httpx.post(f"{account.url}/chat/completions", json=body, headers=bearer, timeout=TIMEOUT).status_code == 200
    # Codex has a text of its own for a spent quota.
    expected = "Quota exceeded" if kind is Codex else "try again in"
    assert expected in refused(kind(tmp_path, account))


@PROGRAMS
@pytest.mark.parametrize("fault", ["cut", "error-event"])
def test_a_broken_stream_is_named(gateway, upstream, tmp_path, request, kind, fault):
    account = Account(gateway, upstream, request.node.name, settings=f",fault={fault}")
    complaint = refused(kind(tmp_path, account))
    # Claude Code repeats the request without streaming: then the same faults are errors with a status.
    expected = {"cut": ["broke off", "broken answer"], "error-event": ["Internal server error"] * 2}
    assert expected[fault][kind is ClaudeCode] in complaint


@PROGRAMS
def test_an_answer_that_the_tier_stops_is_named(gateway, upstream, tmp_path, request, kind):
    account = Account(gateway, upstream, request.node.name, tier="short", settings=",tokens=500")
    assert "output" in refused(kind(tmp_path, account))
