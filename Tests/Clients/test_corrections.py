"""Credits, repricing and prices by day: reports and limits follow, those of a running gateway too."""

import pytest

from gateway import eventually

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]
BODY = {"model": "sandbox:tokens=100,prompt_tokens=10", "messages": HELLO, "max_tokens": 100}
# A request costs 818,000 nano-euros: 10 tokens of input at 1.8 EUR and 100 of output at 8 EUR a million.
COST = "0.000818"
MEMBERS = """\
default_tier: poor
tiers:
  poor: { budget_eur_per_day: 0.002 }
  team: { budget_eur_per_month: 0.002 }
teams: { red: { tier: team } }
"""


def ask(gateway, key):
    import httpx

    answer = httpx.post(
        f"{gateway.url}/v1/chat/completions", json=BODY, headers={"Authorization": f"Bearer {key}"}, timeout=30
    )
    return answer.status_code


def left(gateway, identifier):
    report = gateway.json("limits", identifier, "--json")["limits"]
    return {limit["limit"]: limit["left"] for limit in report}


def cost(gateway, identifier, endpoint="chat/completions"):
    (row,) = gateway.usage("key,endpoint", key=identifier, endpoint=endpoint)
    return row["cost_eur"]


def test_a_credit_frees_the_budgets_of_a_running_gateway_and_stays(start):
    gateway = start(MEMBERS)
    identifier, key = gateway.create_key("alice", "--team", "red")
    assert ask(gateway, key) == 200
    assert ask(gateway, key) == 429
    outcome = gateway.run("usage", "credit", "alice", "0.0008", "--reason", "outage of Monday")
    assert outcome.returncode == 0, outcome.stderr
    assert eventually(lambda: left(gateway, identifier)["budget_eur_per_day"] == "0.001982", 1)
    assert left(gateway, identifier)["budget_eur_per_month"] == "0.001982"
    assert ask(gateway, key) == 200
    assert ask(gateway, key) == 429
    before = left(gateway, identifier)
    # Neither the gateway nor a restart counts it twice, and no crash loses it.
    gateway.signal(9)
    gateway.process.wait()
    gateway.start()
    assert left(gateway, identifier) == before
    assert cost(gateway, identifier, "credit") == "-0.0008"
    (row,) = gateway.usage("key", key=identifier)
    assert row["cost_eur"] == "0.000836"
    (line,) = gateway.json("usage", "corrections", "--format", "json")
    assert (line["kind"], line["key"], line["team"], line["change_eur"]) == ("credit", identifier, "red", "-0.0008")
    assert line["reason"] == "outage of Monday" and line["made_by"] and line["made_at"]


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["alice", "1,5", "--reason", "r"], 2),
        (["alice", "0", "--reason", "r"], 2),
        (["alice", "5"], 2),
        (["alice", "5", "--reason", " "], 2),
        (["nobody", "5", "--reason", "r"], 1),
    ],
)
def test_a_wrong_credit_changes_nothing(gateway, arguments, status):
    outcome = gateway.run("usage", "credit", *arguments)
    assert outcome.returncode == status, outcome.stderr
    assert gateway.json("usage", "corrections", "--format", "json") == []


def test_repricing_follows_the_prices_of_today_and_the_limits_follow_it(start):
    gateway = start(MEMBERS)
    identifier, key = gateway.create_key("bob")
    assert ask(gateway, key) == 200
    assert gateway.usage("key,endpoint", 1, key=identifier, endpoint="chat/completions")[0]["cost_eur"] == COST
    assert ask(gateway, key) == 429
    # Prices of a day to come change nothing; those of now reach the request that is over.
    gateway.configure(
        MEMBERS
        + """\
models:
  prices:
    default:
      - { input: 1, output: 1 }
      - { from: 2999-01-01, output: 1000 }
"""
    )
    outcome = gateway.run("usage", "reprice", "--since", "1h", "--reason", "the vendor's discount")
    assert outcome.returncode == 0, outcome.stderr
    assert "0.000818 EUR before, 0.00011 EUR now" in outcome.stdout
    assert cost(gateway, identifier) == "0.00011"
    assert eventually(lambda: left(gateway, identifier)["budget_eur_per_day"] == "0.00189", 1)
    assert ask(gateway, key) == 200
    (line,) = gateway.json("usage", "corrections", "--format", "json")
    assert (line["kind"], line["cost_before_eur"], line["cost_after_eur"]) == ("reprice", COST, "0.00011")
    # The running gateway has the old prices still. Its row is in the ledger shortly after the response.
    assert eventually(lambda: gateway.run("usage", "reprice", "--since", "1h").stdout.startswith("1 of "))


def test_use_without_a_price_is_warned_of_at_the_start_and_by_the_check(start):
    gateway = start("log: { format: json }\n")
    _, key = gateway.create_key("speaker")
    with gateway.openai(key) as client:
        client.audio.speech.create(model="voxtral", voice="alloy", input="Hello")
    warning = r"characters of speech of the model ..voxtral.. have no price, so they cost nothing"
    assert gateway.log.wait_for(warning)
    assert r'"model":"voxtral"' in gateway.log.text
    assert eventually(lambda: "no price" in gateway.run("config", "check").stderr)
    assert gateway.stop() == 0
    gateway.start()
    assert gateway.log.wait_for(warning)
    assert gateway.log.count(warning) == 1
