"""Limits of one key's own, of models and of users, grants, prepaid budgets and suspension, with the real SDK."""

import openai
import pytest

from gateway import Gateway, eventually

SEEN_WITHIN = 1.5  # a second, and what this machine is slower
MODEL = "gpt-oss:120b"
TIERS = """\
default_tier: roomy
tiers:
  roomy: {}
  models: { per_model: { "gpt-oss:120b": { requests_per_day: 1 }, "qwen*": { requests_per_day: 2 } } }
  users: { per_user: { requests_per_day: 1 } }
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("key-limits"), TIERS).start()
    yield gateway
    assert gateway.stop() == 0


def ask(gateway, key, model=MODEL, **options):
    return gateway.openai(key).chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Hello"}], max_tokens=5, **options
    )


def refusal(gateway, key, **options):
    """The error of the request; None where it is answered."""
    try:
        ask(gateway, key, **options)
    except openai.APIStatusError as error:
        return error
    return None


def restart(gateway):
    assert gateway.stop() == 0
    gateway.start()


def used(gateway, identifier):
    limits = gateway.json("limits", identifier, "--json")["limits"]
    return {(limit["scope"], limit.get("model") or limit.get("user"), limit["limit"]): limit["used"] for limit in limits}


def test_a_limit_of_the_keys_own(limited):
    identifier, key = limited.create_key("own", "--limit", "requests_per_day=2")
    ask(limited, key)
    ask(limited, key)
    error = refusal(limited, key)
    assert (error.status_code, error.code) == (429, "quota_exceeded") and "this key" in error.message
    shown = limited.json("keys", "show", identifier, "--json")
    assert shown["limits"] == {"requests_per_day": "2"} and shown["grants"] == []
    assert used(limited, identifier) == {("key", None, "requests_per_day"): "2"}
    assert limited.run("keys", "set", identifier, "--limit", "requests_per_day=none").returncode == 0
    assert eventually(lambda: refusal(limited, key) is None, SEEN_WITHIN)


def test_a_grant_lifts_a_refusal_and_ends(limited):
    identifier, key = limited.create_key("granted", "--limit", "requests_per_day=1")
    ask(limited, key)
    assert refusal(limited, key).code == "quota_exceeded"
    outcome = limited.run("keys", "grant", identifier, "requests_per_day=+100%", "--until", "month")
    assert outcome.returncode == 0 and "+100%" in outcome.stdout
    assert eventually(lambda: refusal(limited, key) is None, SEEN_WITHIN)
    assert refusal(limited, key).code == "quota_exceeded", "twice the limit, and not more"
    assert limited.run("keys", "grant", identifier, "requests_per_day=+1000", "--until", "2s").returncode == 0
    assert eventually(lambda: refusal(limited, key) is None, SEEN_WITHIN)
    assert eventually(lambda: refusal(limited, key) is not None, 6), "the second grant has ended"
    grants = limited.json("keys", "show", identifier, "--json")["grants"]
    assert [grant["size"] for grant in grants] == ["+100%"]
    assert limited.json("keys", "grant", identifier, "requests_per_day=none", "--json")["grants"] == []


def test_a_prepaid_budget_does_not_refill(limited):
    identifier, key = limited.create_key("prepaid", "--limit", "budget_eur_total=0.002")
    last = None
    for _ in range(100):
        last = refusal(limited, key)
        if last is not None:
            break
    assert (last.status_code, last.code) == (429, "budget_exceeded")
    assert last.response.headers["x-should-retry"] == "false" and "retry-after" not in last.response.headers
    assert "does not refill" in last.message
    before = used(limited, identifier)
    restart(limited)
    assert used(limited, identifier) == before
    assert refusal(limited, key).code == "budget_exceeded"


def test_a_model_has_a_limit_of_its_own(limited):
    identifier, key = limited.create_key("models", "--tier", "models")
    ask(limited, key)
    error = refusal(limited, key)
    assert (error.status_code, error.code) == (429, "quota_exceeded")
    assert f"this key for the model {MODEL}" in error.message
    ask(limited, key, model="gpt-oss:20b")
    restart(limited)
    assert f"for the model {MODEL}" in refusal(limited, key).message
    assert used(limited, identifier) == {
        ("key", MODEL, "requests_per_day"): "1",
        ("key", "qwen*", "requests_per_day"): "0",
    }


def test_each_user_has_a_limit_that_outlives_kill_9(limited):
    identifier, key = limited.create_key("users", "--tier", "users")
    ask(limited, key, user="ada")
    error = refusal(limited, key, user="ada")
    assert error.status_code == 429 and "this key for the user ada" in error.message
    ask(limited, key, user="bob")
    limited.process.kill()
    limited.wait()
    limited.start()
    assert refusal(limited, key, user="bob").code == "quota_exceeded"
    ask(limited, key)
    assert "requests without a user" in refusal(limited, key).message
    assert used(limited, identifier) == {
        ("key", "ada", "requests_per_day"): "1",
        ("key", "bob", "requests_per_day"): "1",
        ("key", "", "requests_per_day"): "1",
    }


def test_a_suspended_key_is_refused_until_it_is_resumed(limited):
    identifier, key = limited.create_key("paused")
    assert limited.run("keys", "suspend", "paused").stdout == f"suspended {identifier}\n"
    assert eventually(lambda: limited.status_of(key) == 401, SEEN_WITHIN)
    with pytest.raises(openai.AuthenticationError) as raised:
        limited.openai(key, max_retries=2).models.list()
    assert raised.value.code == "api_key_suspended"
    assert limited.json("keys", "show", identifier, "--json")["state"] == "suspended"
    assert limited.run("keys", "resume", "paused").stdout == f"resumed {identifier}\n"
    assert eventually(lambda: limited.status_of(key) == 200, SEEN_WITHIN)


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "--name", "x", "--limit", "requests_per_dya=1"],
        ["create", "--name", "x", "--limit", "requests_per_day"],
        ["set", "first", "--limit", "budget_eur_per_day=-1"],
        ["grant", "first", "requests_per_day=+5"],
        ["grant", "first", "requests_per_day=+5", "--until", "2001-01-01"],
        ["grant", "first", "requests_per_day=5", "--until", "week"],
        ["grant", "first", "requests_per_day=+5", "--until", "week"],
    ],
)
def test_wrong_usage(limited, arguments):
    if not limited.json("keys", "list", "--json") or "first" not in limited.run("keys", "list").stdout:
        limited.create_key("first")
    outcome = limited.run("keys", *arguments)
    assert outcome.returncode == 2
    assert outcome.stdout == "" and len(outcome.stderr) > 10
