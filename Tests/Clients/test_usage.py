"""The usage report agrees with the usage in responses, to the token."""

import collections
import concurrent.futures

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


def counts(usage):
    """A usage object of the SDK with the names of the report."""
    extra = usage.model_extra or {}
    return collections.Counter(
        requests=1,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=getattr(usage, "completion_tokens", 0),
        reasoning_tokens=extra.get("reasoning_tokens", 0),
    )


def reported(row):
    return collections.Counter(
        {name: row[name] for name in ("requests", "prompt_tokens", "completion_tokens", "reasoning_tokens")}
    )


def ask(client, number):
    """Sends one of eight kinds of requests; returns the model that served it and the usage in the response."""
    kind = number % 8
    if kind == 0:
        answer = client.chat.completions.create(model="gpt-oss:120b", messages=HELLO, max_tokens=number + 1)
    elif kind == 1:
        answer = client.chat.completions.create(model="gpt-4o", messages=HELLO, reasoning_effort="low")
    elif kind == 2:
        answer = client.embeddings.create(model="text-embedding-3-small", input=["text"] * number, dimensions=8)
    elif kind == 3:
        answer = client.completions.create(model="gpt-oss:20b", prompt="x" * number)
    elif kind == 4:
        *_, answer = client.chat.completions.create(
            model="gpt-oss:20b", messages=HELLO, n=2, stream=True, stream_options={"include_usage": True}
        )
        assert answer.choices == []
    elif kind == 5:
        *_, answer = client.chat.completions.create(
            model="sandbox:tokens=11,usage=last-chunk,reasoning=3",
            messages=HELLO,
            stream=True,
            stream_options={"include_usage": True},
        )
    elif kind == 6:
        *_, answer = client.completions.create(
            model="sandbox:tokens=9,usage=every-chunk,encoding=gzip",
            prompt="x",
            stream=True,
            stream_options={"include_usage": True},
        )
    else:
        answer = client.chat.completions.create(model="sandbox:tokens=70,encoding=gzip", messages=HELLO)
    return answer.model, counts(answer.usage)


CHATS = "chat/completions"


def test_sums_are_exact_by_key_and_by_model(gateway):
    keys = [gateway.create_key(f"sums-{number}", "--team", "summers") for number in range(3)]
    # `create_key` has listed the models with each key, which is free, to see that the gateway accepts the key.
    by_key = {identifier: collections.Counter(requests=1) for identifier, _ in keys}
    by_model = collections.defaultdict(collections.Counter, {None: collections.Counter(requests=len(keys))})
    clients = {identifier: gateway.openai(key) for identifier, key in keys}
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = {
            identifier: [pool.submit(ask, client, number) for number in range(64)]
            for identifier, client in clients.items()
        }
        for identifier, futures in answers.items():
            for future in futures:
                model, usage = future.result()
                by_key[identifier] += usage
                by_model[model] += usage
    requests = 65 * len(keys)
    rows = gateway.usage("team,key", requests=requests, team="summers")
    assert {row["key"]: reported(row) for row in rows} == by_key
    rows = gateway.usage("team,model", requests=requests, team="summers")
    assert {row["model"]: reported(row) for row in rows} == by_model
    assert all(row["estimated_requests"] == 0 for row in rows)


def test_stream_without_requested_usage_is_counted_exactly(gateway, fresh_key):
    identifier, key = fresh_key
    chunks = list(
        gateway.openai(key).chat.completions.create(
            model="sandbox:tokens=33,prompt_tokens=1234,cached=1000", messages=HELLO, stream=True
        )
    )
    assert len(chunks) == 35
    (row,) = gateway.usage("key,endpoint", requests=1, key=identifier, endpoint=CHATS)
    assert (row["prompt_tokens"], row["completion_tokens"], row["cached_tokens"]) == (1234, 33, 1000)
    assert row["estimated_requests"] == 0


def test_abandoned_stream_is_counted(start):
    """`on_disconnect: finish`: the upstream bills the whole response, so all of it is counted."""
    gateway = start("metering: { on_disconnect: finish }\n")
    identifier, key = gateway.create_key("abandons")
    with gateway.openai(key).chat.completions.create(
        model="sandbox:tokens=200,prompt_tokens=50,interval=2ms", messages=HELLO, stream=True
    ) as stream:
        next(iter(stream))
    (row,) = gateway.usage("key,endpoint", requests=1, key=identifier, endpoint=CHATS)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (50, 200)


def test_interrupted_stream_is_counted_as_estimated(gateway, fresh_key):
    identifier, key = fresh_key
    try:
        list(
            gateway.openai(key).chat.completions.create(
                model="sandbox:tokens=40,fault=cut", messages=HELLO, stream=True
            )
        )
    except Exception:
        pass
    (row,) = gateway.usage("key,endpoint", requests=1, key=identifier, endpoint=CHATS)
    assert row["completion_tokens"] > 0 and row["estimated_requests"] == 1


def test_other_units(gateway, fresh_key):
    identifier, key = fresh_key
    client = gateway.openai(key)
    client.images.generate(model="z-image:16b", prompt="a door", n=3)
    client.audio.speech.create(model="voxtral", input="Hélène 東京", voice="alloy")
    # 61 seconds at the sandbox's 16,000 bytes a second are two started minutes.
    client.audio.transcriptions.create(model="voxtral", file=("a.mp3", bytes(61 * 16_000)))
    (row,) = gateway.usage("key", requests=4, key=identifier)
    assert row["other_units"] == {"audio_minutes": 2, "characters": 9, "images": 3, "search_units": 0}
    assert row["cost_eur"] == "0.02"


def test_cost_and_energy(gateway, fresh_key):
    identifier, key = fresh_key
    gateway.openai(key).chat.completions.create(model="gpt-oss:120b", messages=HELLO, max_tokens=50)
    (row,) = gateway.usage("key,model,endpoint,status,day", requests=1, key=identifier, endpoint=CHATS)
    assert row["status"] == "200" and row["model"] == "gpt-oss:120b"
    nano = row["prompt_tokens"] * 1800 + 50 * 8000
    assert row["cost_eur"] == f"0.{nano:09d}".rstrip("0")
    assert row["energy_kwh"] > 0


def test_user_attribution(gateway, fresh_key):
    identifier, key = fresh_key
    client = gateway.openai(key)
    client.chat.completions.create(model="sandbox:tokens=1", messages=HELLO, user="alice")
    client.chat.completions.create(model="sandbox:tokens=2", messages=HELLO, extra_headers={"X-Propylon-User": "bob"})
    rows = gateway.usage("key,user,endpoint", requests=2, key=identifier, endpoint=CHATS)
    assert {row["user"]: row["completion_tokens"] for row in rows} == {"alice": 1, "bob": 2}


def test_formats(gateway, client):
    client.chat.completions.create(model="sandbox:tokens=1", messages=HELLO)
    table = gateway.run("usage", "--since", "24h").stdout
    assert table.splitlines()[0].split()[:3] == ["KEY", "NAME", "REQUESTS"]
    csv = gateway.run("usage", "--by", "day,model", "--format", "csv").stdout
    assert csv.splitlines()[0].startswith("day,model,requests,failed_requests,prompt_tokens,completion_tokens")
    assert gateway.json("usage", "--until", "2020-01-01", "--format", "json") == []
