"""Selections, order, raw rows and single requests of `propylon usage`, while the gateway runs."""

import csv
import datetime
import decimal
import io
import json
import urllib.parse
import urllib.request

import pytest

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]
COUNTS = ("prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens")


@pytest.fixture(scope="module")
def used(gateway):
    """A team with two keys, of which the second spends more; returns their ids and names, and the responses."""
    keys = {}
    for name, tokens, count in (("rows-small", 5, 3), ("rows-large", 90, 4)):
        identifier, key = gateway.create_key(name, "--team", "rows")
        client = gateway.openai(key)
        keys[name] = identifier, [
            client.chat.completions.with_raw_response.create(
                model=f"sandbox:tokens={tokens}", messages=HELLO, user="=cmd()", extra_headers={"x-propylon-tags": "a,b"}
            )
            for _ in range(count)
        ]
    # `create_key` lists the models once with each key.
    gateway.usage("team", requests=9, team="rows")
    return keys


def show(gateway, *arguments):
    return gateway.json("usage", "--where", "team=rows", "--format", "json", *arguments)


def test_the_dearest_key_comes_first(gateway, used):
    assert [row["key_name"] for row in show(gateway)] == ["rows-large", "rows-small"]
    assert [row["key_name"] for row in show(gateway, "--top", "1")] == ["rows-large"]
    assert [row["requests"] for row in show(gateway, "--sort", "requests")] == [5, 4]
    (row,) = gateway.json("usage", "--where", "key=rows-small,endpoint=chat/completions", "--format", "json")
    assert row["requests"] == 3
    outcome = gateway.run("usage", "--where", "key=nobody-has-this-name")
    assert outcome.returncode == 1 and "nobody-has-this-name" in outcome.stderr


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_the_raw_rows_add_up_to_the_report(gateway, used, format):
    outcome = gateway.run("usage", "export", "--where", "team=rows", "--since", "1h", "--format", format)
    assert outcome.returncode == 0, outcome.stderr
    assert "PROMPT-MARKER" not in outcome.stdout and "sk-ppl-" not in outcome.stdout
    if format == "csv":
        rows = list(csv.DictReader(io.StringIO(outcome.stdout)))
    else:
        rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert len(rows) == 9
    assert [row["started_at"] for row in rows] == sorted(row["started_at"] for row in rows)
    for report in show(gateway):
        own = [row for row in rows if row["key"] == report["key"]]
        assert len(own) == report["requests"]
        for name in COUNTS:
            assert sum(int(row[name]) for row in own) == report[name]
        assert sum(decimal.Decimal(row["cost_eur"]) for row in own) == decimal.Decimal(report["cost_eur"])
    users = {row["user"] for row in rows if row["endpoint"] == "chat/completions"}
    assert users == ({"'=cmd()"} if format == "csv" else {"=cmd()"})


def test_one_request_is_found_by_either_id(gateway, used):
    identifier, responses = used["rows-large"]
    for response in responses:
        completion = response.parse()
        for name in (response.headers["x-request-id"], completion.id):
            (row,) = gateway.json("usage", "request", name, "--json")
            assert row["key"] == identifier and row["upstream_id"] == completion.id
            assert (row["prompt_tokens"], row["completion_tokens"]) == (
                completion.usage.prompt_tokens,
                completion.usage.completion_tokens,
            )
            assert row["tags"] == ["a", "b"]
    (row,) = gateway.json("usage", "request", responses[0].headers["x-request-id"], "--json")
    outcome = gateway.run("usage", "request", responses[0].headers["x-request-id"])
    assert "key_name" in outcome.stdout and "rows-large" in outcome.stdout
    # People read the configured zone, programs UTC.
    shown = dict(line.split(maxsplit=1) for line in outcome.stdout.splitlines())
    for name in ("started_at", "ended_at"):
        assert row[name].endswith("Z") and shown[name].endswith(("+01:00", "+02:00"))
        assert datetime.datetime.fromisoformat(row[name]) == datetime.datetime.fromisoformat(shown[name])
    assert gateway.run("usage", "request", "no-such-request").returncode == 1


def test_speeds_are_those_of_the_streams(gateway):
    _, key = gateway.create_key("speedy", "--team", "speeds")
    client = gateway.openai(key)
    for tokens in (30, 30, 30):
        for _ in client.chat.completions.create(
            model=f"sandbox:tokens={tokens}", messages=HELLO, stream=True, stream_options={"include_usage": True}
        ):
            pass
    client.chat.completions.create(model="sandbox:tokens=5", messages=HELLO)
    gateway.usage("team", requests=5, team="speeds")
    where = ("usage", "--where", "team=speeds,endpoint=chat/completions", "--by", "endpoint", "--format", "json")
    (row,) = gateway.json(*where, "--speed")
    assert row["first_byte_seconds"]["requests"] == 3
    assert row["duration_seconds"]["requests"] == 4
    for name in ("first_byte_seconds", "duration_seconds"):
        assert 0 <= row[name]["p50"] <= row[name]["p95"] <= row[name]["p99"] < 60
    (plain,) = gateway.json(*where)
    assert "first_byte_seconds" not in plain and plain["cost_eur"] == row["cost_eur"]


def test_charges_in_focus_add_up_to_the_report(gateway, used):
    outcome = gateway.run("usage", "--format", "focus", "--by", "hour", "--where", "team=rows")
    assert outcome.returncode == 0, outcome.stderr
    assert "PROMPT-MARKER" not in outcome.stdout and "sk-ppl-" not in outcome.stdout
    charges = list(csv.DictReader(io.StringIO(outcome.stdout)))
    assert {charge["ChargeCategory"] for charge in charges} == {"Usage"}
    assert {charge["SubAccountId"] for charge in charges} == {"rows"}
    assert {charge["Tags"] for charge in charges} == {'{"a":true,"b":true}'}
    for report in show(gateway):
        own = [charge for charge in charges if charge["ResourceId"] == report["key"]]
        assert {charge["ResourceName"] for charge in own} == {report["key_name"]}
        assert sum(decimal.Decimal(charge["BilledCost"]) for charge in own) == decimal.Decimal(report["cost_eur"])
        tokens = report["prompt_tokens"] + report["completion_tokens"]
        assert sum(decimal.Decimal(charge["ConsumedQuantity"]) for charge in own) == tokens
    query = urllib.parse.urlencode({"by": "hour", "where": "team=rows"})
    with urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin_port}/admin/v1/usage/focus?{query}", timeout=20) as response:
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        assert response.read().decode() == outcome.stdout
    refused = gateway.run("usage", "--format", "focus", "--by", "model")
    assert refused.returncode == 2 and "--by hour" in refused.stderr
