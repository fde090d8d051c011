"""Limits hold exactly, over real sockets and with real SDKs."""

import asyncio
import json
import signal
import time

import openai
import pytest

from gateway import TIMEOUT, eventually
from wire import chat_request

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]
TIERS = """\
metering: { on_disconnect: finish }
default_tier: roomy
tiers:
  roomy: {}
  fifty: { requests_per_minute: 50 }
  hour: { output_tokens_per_hour: 1000 }
  bounded: { output_tokens_per_hour: 5000, max_output_tokens: 20 }
  open: { output_tokens_per_hour: 60, output_reservation: 20, overrun: stop }
  pair: { concurrent_requests: 2 }
  poor: { budget_eur_per_day: 0.01, max_output_tokens: 100 }
  small: { output_tokens_per_day: 100 }
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    from gateway import Gateway

    gateway = Gateway(tmp_path_factory.mktemp("limits"), TIERS).start()
    yield gateway
    assert gateway.stop() == 0


async def ask(gateway, key, body, leave_after=None):
    """The status, headers and body of a POST; with `leave_after` the connection is cut after so many bytes of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(chat_request(key, body, "connection: close\r\n"))
    try:
        if leave_after is not None:
            head = await reader.read(leave_after)
            writer.transport.abort()
            return int(head.split(b" ")[1]) if head else 0, {}, b""
        answer = await asyncio.wait_for(reader.read(), TIMEOUT * 2)
    finally:
        writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:]), rest


def all_at_once(gateway, key, bodies, leave_after=lambda index: None):
    async def run():
        return await asyncio.gather(
            *(ask(gateway, key, body, leave_after(index)) for index, body in enumerate(bodies))
        )

    return asyncio.run(run())


def limit(gateway, identifier, name):
    report = gateway.json("limits", identifier, "--json")
    return next(limit for limit in report["limits"] if limit["limit"] == name)


def nothing_held(gateway, identifier, name):
    return eventually(lambda: limit(gateway, identifier, name)["reserved"] == "0")


def test_200_clients_with_room_for_50(limited):
    _, key = limited.create_key("fifty", "--tier", "fifty")
    body = {"model": "sandbox:tokens=2", "messages": HELLO}
    answers = all_at_once(limited, key, [body] * 200)
    statuses = [status for status, _, _ in answers]
    assert (statuses.count(200), statuses.count(429)) == (50, 150)
    for status, headers, rest in answers:
        assert headers["x-ratelimit-limit-requests"] == "50"
        if status == 429:
            error = json.loads(rest)["error"]
            assert (error["code"], error["type"]) == ("rate_limit_exceeded", "rate_limit_error")
            assert 0 < int(headers["retry-after-ms"]) <= 1000 * int(headers["retry-after"])


def test_a_budget_of_1000_tokens_is_10_requests_of_100(limited):
    identifier, key = limited.create_key("hour", "--tier", "hour")
    body = {"model": "sandbox:tokens=100,interval=5ms", "max_tokens": 100, "messages": HELLO, "stream": True}
    statuses = [status for status, _, _ in all_at_once(limited, key, [body] * 200)]
    assert (statuses.count(200), statuses.count(429)) == (10, 190)
    assert nothing_held(limited, identifier, "output_tokens_per_hour")
    assert limit(limited, identifier, "output_tokens_per_hour")["used"] == "1000"
    (row,) = limited.usage(
        "key,status,endpoint", requests=10, key=identifier, status="200", endpoint="chat/completions"
    )
    assert row["completion_tokens"] == 1000


def test_limit_holds_exactly_though_half_of_the_clients_leave(limited):
    identifier, key = limited.create_key("leavers", "--tier", "hour")
    body = {"model": "sandbox:tokens=70,interval=2ms", "max_tokens": 100, "messages": HELLO, "stream": True}
    admitted = 0
    for _ in range(20):
        answers = all_at_once(limited, key, [body] * 40, lambda index: 400 if index % 2 else None)
        admitted += sum(status == 200 for status, _, _ in answers)
        assert nothing_held(limited, identifier, "output_tokens_per_hour")
        used = int(limit(limited, identifier, "output_tokens_per_hour")["used"])
        assert used <= 1000
        if 1000 - used < 100:
            break
    # Each used 70: the fourteenth was the last that could reserve 100.
    assert (admitted, used) == (13, 910)
    rows = limited.usage(
        "key,status,endpoint", requests=13, key=identifier, status="200", endpoint="chat/completions"
    )
    assert sum(row["completion_tokens"] for row in rows) == used


def test_retry_after_is_exact(start):
    gateway = start("tiers:\n  quick: { requests_per_minute: 120 }\n")
    _, key = gateway.create_key("quick", "--tier", "quick")
    body = {"model": "sandbox:tokens=1", "messages": HELLO}
    answers = all_at_once(gateway, key, [body] * 130)
    waits = [int(headers["retry-after-ms"]) for status, headers, _ in answers if status == 429]
    assert waits and max(waits) <= 500
    time.sleep(max(waits) / 1000)
    assert all_at_once(gateway, key, [body])[0][0] == 200


def test_sdk_sees_the_quota_and_waits_for_the_rate(start):
    gateway = start("tiers:\n  quick: { requests_per_minute: 120 }\n  none: { output_tokens_per_day: 10 }\n")
    _, key = gateway.create_key("quick", "--tier", "quick")
    client = gateway.openai(key, max_retries=5)
    all_at_once(gateway, key, [{"model": "sandbox:tokens=1", "messages": HELLO}] * 125)
    assert client.chat.completions.create(model="sandbox:tokens=1", messages=HELLO).choices
    _, key = gateway.create_key("none", "--tier", "none")
    client = gateway.openai(key, max_retries=5)
    client.chat.completions.create(model="sandbox:tokens=10", messages=HELLO, max_tokens=10)
    began = time.monotonic()
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(model="sandbox:tokens=10", messages=HELLO, max_tokens=1)
    assert time.monotonic() - began < 5, "x-should-retry: false keeps the SDK from waiting for midnight"
    assert (raised.value.code, raised.value.type) == ("quota_exceeded", "insufficient_quota")
    assert "10 output tokens a day" in raised.value.message
    assert "10 output tokens are used" in raised.value.message


def test_missing_bound_is_added(limited):
    identifier, key = limited.create_key("bounded", "--tier", "bounded")
    client = limited.openai(key)
    answer = client.chat.completions.create(model="gpt-oss:120b", messages=HELLO)
    assert answer.usage.completion_tokens <= 20
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="gpt-oss:120b", messages=HELLO, max_tokens=21)
    assert raised.value.code == "max_tokens_exceeded"
    with pytest.raises(openai.BadRequestError) as raised:
        client.completions.create(model="gpt-oss:120b", prompt=["a", "b", "c"], max_tokens=7)
    assert raised.value.code == "max_tokens_exceeded"


def test_unbounded_stream_stops_at_the_limit(limited):
    identifier, key = limited.create_key("open", "--tier", "open")
    client = limited.openai(key)
    words = 0
    with pytest.raises(openai.APIError) as raised:
        stream = client.chat.completions.create(
            model="sandbox:tokens=400,interval=2ms", messages=HELLO, stream=True, max_tokens=openai.omit
        )
        for chunk in stream:
            words += len((chunk.choices[0].delta.content or "").split()) if chunk.choices else 0
    assert raised.value.code == "quota_exceeded"
    assert 20 < words < 120
    (row,) = limited.usage(
        "key,status,endpoint", requests=1, key=identifier, status="200", endpoint="chat/completions"
    )
    assert row["estimated_requests"] == 1


def test_concurrent_requests(limited):
    identifier, key = limited.create_key("pair", "--tier", "pair")
    body = {"model": "sandbox:tokens=20,interval=20ms", "messages": HELLO, "stream": True}
    answers = all_at_once(limited, key, [body] * 8)
    assert sorted(status for status, _, _ in answers) == [200] * 2 + [429] * 6
    refused = next(json.loads(rest) for status, _, rest in answers if status == 429)
    assert refused["error"]["code"] == "concurrency_limit_exceeded"
    assert all_at_once(limited, key, [body])[0][0] == 200


def test_budget(limited):
    identifier, key = limited.create_key("poor", "--tier", "poor")
    body = {"model": "sandbox:tokens=100", "messages": HELLO}
    codes = []
    for _ in range(30):
        status, _, rest = all_at_once(limited, key, [body])[0]
        codes.append(status)
        if status == 429:
            assert json.loads(rest)["error"]["code"] == "budget_exceeded"
    state = limit(limited, identifier, "budget_eur_per_day")
    assert codes.count(200) >= 10 and codes[-1] == 429
    assert float(state["used"]) <= 0.01
    assert (state["allowed"], state["reserved"]) == ("0.01", "0")


def test_limit_windows_survive_kill_9(start):
    gateway = start(TIERS)
    identifier, key = gateway.create_key("small", "--tier", "small")
    body = {"model": "sandbox:tokens=30", "max_tokens": 30, "messages": HELLO}
    for expected in (200, 200, 200):
        assert all_at_once(gateway, key, [body])[0][0] == expected
    gateway.signal(signal.SIGKILL)
    gateway.process.wait()
    gateway.start()
    assert limit(gateway, identifier, "output_tokens_per_day")["used"] == "90"
    assert all_at_once(gateway, key, [body])[0][0] == 429
    assert all_at_once(gateway, key, [body | {"max_tokens": 10, "model": "sandbox:tokens=10"}])[0][0] == 200


def test_limits_of_a_day_survive_kill_9(start):
    """Requests and tokens of a day: what counted before the death of the process counts after it."""
    gateway = start("tiers: { daily: { requests_per_day: 6, tokens_per_day: 100000 } }")
    identifier, key = gateway.create_key("daily", "--tier", "daily")
    body = {"model": "sandbox:tokens=10", "max_tokens": 10, "messages": HELLO}
    refused = {"model": "sandbox:fault=status-500", "max_tokens": 10, "messages": HELLO}
    assert [status for status, _, _ in all_at_once(gateway, key, [body, body])] == [200, 200]
    assert all_at_once(gateway, key, [refused])[0][0] == 500
    assert gateway.status_of(key) == 200  # failures and lists count as requests
    used = {name: limit(gateway, identifier, name)["used"] for name in ("requests_per_day", "tokens_per_day")}
    assert used["requests_per_day"] == "4" and int(used["tokens_per_day"]) > 20
    gateway.process.kill()
    gateway.process.wait()
    gateway.start()
    assert {name: limit(gateway, identifier, name)["used"] for name in used} == used
    assert [status for status, _, _ in all_at_once(gateway, key, [body, body])] == [200, 200]
    status, headers, answer = all_at_once(gateway, key, [body])[0]
    assert status == 429 and json.loads(answer)["error"]["code"] == "quota_exceeded"
    assert headers["x-ratelimit-limit-requests"] == "6" and headers["x-ratelimit-remaining-requests"] == "0"


def test_reload_and_new_team_keep_usage(start):
    gateway = start(TIERS)
    identifier, key = gateway.create_key("mover", "--tier", "roomy")
    body = {"model": "sandbox:tokens=30", "max_tokens": 30, "messages": HELLO}
    for _ in range(3):
        assert all_at_once(gateway, key, [body])[0][0] == 200
    assert gateway.run("keys", "set", identifier, "--tier", "small").returncode == 0
    assert eventually(lambda: all_at_once(gateway, key, [body])[0][0] == 429)
    gateway.configure(TIERS.replace("output_tokens_per_day: 100", "output_tokens_per_day: 10000"))
    gateway.signal(signal.SIGHUP)
    assert eventually(lambda: all_at_once(gateway, key, [body])[0][0] == 200)


def test_teams_and_the_account(start):
    gateway = start(
        "tiers:\n  team: { requests_per_minute: 5 }\n  account: { requests_per_minute: 8 }\n"
        "teams:\n  red: { tier: team }\n"
        "upstream: { tier: account }\n"
    )
    red = [gateway.create_key(f"red-{number}", "--team", "red")[1] for number in range(3)]
    body = {"model": "sandbox:tokens=1", "messages": HELLO}
    answers = [all_at_once(gateway, key, [body])[0] for key in red * 3]
    assert [status for status, _, _ in answers].count(200) == 5
    assert "the team red" in json.loads(answers[-1][2])["error"]["message"]
    _, other = gateway.create_key("other")
    answers = [all_at_once(gateway, other, [body])[0] for _ in range(5)]
    assert [status for status, _, _ in answers] == [200] * 3 + [429] * 2
    assert json.loads(answers[-1][2])["error"]["code"] == "upstream_limit_exceeded"
    shown = gateway.run("limits")
    assert shown.returncode == 0
    for text in ("team red", "account", "requests_per_minute"):
        assert text in shown.stdout


def test_limits_without_a_gateway_come_from_the_ledger(start):
    gateway = start(TIERS)
    identifier, key = gateway.create_key("small", "--tier", "small")
    body = {"model": "sandbox:tokens=30", "max_tokens": 30, "messages": HELLO}
    assert all_at_once(gateway, key, [body])[0][0] == 200
    assert gateway.stop() == 0
    assert limit(gateway, identifier, "output_tokens_per_day")["used"] == "30"
    table = gateway.run("limits", identifier)
    assert "no gateway is running" in table.stderr
    assert f"small ({identifier})  output_tokens_per_day" in table.stdout
    assert limit(gateway, identifier, "output_tokens_per_day")["percent"] == 30
    for percent, count in (("30", 1), ("31", 0)):
        assert len(gateway.json("limits", identifier, "--above", percent, "--json")["limits"]) == count
    assert gateway.run("limits", "nobody").returncode == 1
