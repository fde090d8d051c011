"""Selections, order, raw rows and single requests of `propylon usage`, while the gateway runs."""

import csv
import decimal
import io
import json

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
    outcome = gateway.run("usage", "request", responses[0].headers["x-request-id"])
    assert "key_name" in outcome.stdout and "rows-large" in outcome.stdout
    assert gateway.run("usage", "request", "no-such-request").returncode == 1
