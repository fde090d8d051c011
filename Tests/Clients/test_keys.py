"""The life of a key. A running gateway applies each change of the command line within a second."""

import re

import openai
import pytest

from gateway import Secret, eventually

SEEN_WITHIN = 1.5  # a second, and what this machine is slower


def becomes(gateway, key, status):
    return eventually(lambda: gateway.status_of(key) == status, SEEN_WITHIN)


def test_create_prints_only_the_key(gateway):
    outcome = gateway.run("keys", "create", "--name", "script")
    key = Secret(outcome.stdout.strip())
    assert re.fullmatch(r"sk-ppl-[a-z0-9]+-[A-Za-z0-9_-]+", key)
    assert becomes(gateway, key, 200)
    assert key not in outcome.stderr


def test_list_and_show(gateway):
    identifier, key = gateway.create_key(
        "listed", "--tier", "narrow", "--team", "one", "--expires", "90d", "--models", "gpt-oss:20b, gpt-oss:120b"
    )
    listed = {entry["id"]: entry for entry in gateway.json("keys", "list", "--json")}
    shown = gateway.json("keys", "show", identifier, "--json")
    assert listed[identifier] == shown == gateway.json("keys", "show", "listed", "--json")
    assert (shown["name"], shown["tier"], shown["team"], shown["state"]) == ("listed", "narrow", "one", "active")
    assert shown["models"] == ["gpt-oss:20b", "gpt-oss:120b"] and shown["expires_at"]
    table = gateway.run("keys", "list").stdout
    assert re.search(rf"^{identifier} +listed +narrow +one +active ", table, re.M)
    secret = key.rpartition("-")[2]
    assert secret not in table + str(listed) + gateway.run("keys", "show", identifier).stdout


def test_set(gateway):
    identifier, key = gateway.create_key("changing", "--tier", "narrow")
    client = gateway.openai(key)
    with pytest.raises(openai.PermissionDeniedError):
        client.embeddings.create(model="granite-embedding:278m", input="x")
    assert gateway.run("keys", "set", identifier, "--tier", "monthly", "--name", "changed").returncode == 0

    def works():
        try:
            return client.embeddings.create(model="granite-embedding:278m", input="x")
        except openai.PermissionDeniedError:
            return None

    assert eventually(works, SEEN_WITHIN)
    assert gateway.run("keys", "set", identifier, "--models", "gpt-oss:*").returncode == 0
    assert eventually(lambda: works() is None, SEEN_WITHIN)
    assert gateway.json("keys", "show", "changed", "--json")["id"] == identifier


def test_rotate_with_grace(gateway):
    identifier, old = gateway.create_key("rotating")
    rotated = gateway.json("keys", "rotate", identifier, "--grace", "1h", "--json")
    new = Secret(rotated["key"])
    assert rotated["id"] == identifier and new != old
    assert becomes(gateway, new, 200) and gateway.status_of(old) == 200
    newest = Secret(gateway.run("keys", "rotate", "rotating", "--grace", "0s").stdout.strip())
    assert becomes(gateway, newest, 200) and becomes(gateway, new, 401)
    # The hour that was promised to the first secret still runs.
    assert gateway.status_of(old) == 200
    with pytest.raises(openai.AuthenticationError) as raised:
        gateway.openai(new).models.list()
    assert raised.value.code == "api_key_revoked"


def test_grace_ends(gateway):
    identifier, old = gateway.create_key("short-grace")
    new = Secret(gateway.json("keys", "rotate", identifier, "--grace", "2s", "--json")["key"])
    assert becomes(gateway, new, 200) and gateway.status_of(old) == 200
    assert eventually(lambda: gateway.status_of(old) == 401, 2 + SEEN_WITHIN)


def test_revoke(gateway):
    identifier, key = gateway.create_key("revoked")
    assert gateway.run("keys", "revoke", identifier).stdout == f"revoked {identifier}\n"
    assert becomes(gateway, key, 401)
    with pytest.raises(openai.AuthenticationError) as raised:
        gateway.openai(key, max_retries=2).models.list()
    assert raised.value.code == "api_key_revoked"
    assert gateway.json("keys", "show", identifier, "--json")["state"] == "revoked"


def test_expiry(gateway):
    identifier, key = gateway.create_key("expiring", "--expires", "2s")
    assert eventually(lambda: gateway.status_of(key) == 401, 2 + SEEN_WITHIN)
    with pytest.raises(openai.AuthenticationError) as raised:
        gateway.openai(key).models.list()
    assert raised.value.code == "api_key_expired"
    assert gateway.run("keys", "set", identifier, "--expires", "never").returncode == 0
    assert becomes(gateway, key, 200)


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["create", "--name", "x", "--tier", "no-such-tier"], 2),
        (["create"], 2),
        (["create", "--name", ""], 2),
        (["create", "--name", "x", "--expires", "2001-01-01"], 2),
        (["create", "--name", "x", "--expires", "tomorrow"], 2),
        (["set", "first"], 2),
        (["show", "no-such-key"], 1),
        (["revoke", "no-such-key"], 1),
        (["rotate", "no-such-key"], 1),
        (["rotate", "first", "--grace", "soon"], 2),
        (["nonsense"], 2),
    ],
)
def test_wrong_usage(gateway, arguments, status):
    outcome = gateway.run("keys", *arguments)
    assert outcome.returncode == status
    assert outcome.stdout == "" and len(outcome.stderr) > 10
