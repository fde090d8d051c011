"""After many mixed requests the ledger agrees with the bill of the upstream, to the token.

3,000 requests here; `PROPYLON_MIXED_REQUESTS=100000` for the long run."""

import asyncio
import collections
import json
import os
import random

import httpx
import pytest

from gateway import TIMEOUT, Gateway, eventually
from wire import chat_request

REQUESTS = int(os.environ.get("PROPYLON_MIXED_REQUESTS", "3000"))
HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello, how are you?"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look_up",
            "parameters": {"type": "object", "properties": {"word": {"type": "string"}, "count": {"type": "integer"}}},
        },
    }
]


def wave(seconds):
    data = b"\0" * (seconds * 16_000)
    size = len(data)
    head = b"RIFF" + (size + 36).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += b"\1\0\1\0" + (8000).to_bytes(4, "little") + (16_000).to_bytes(4, "little") + b"\2\0\x10\0data"
    return head + size.to_bytes(4, "little") + data


def multipart(model, content):
    fields = f'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\n{model}\r\n'
    fields += '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    return fields.encode() + content + b"\r\n--b--\r\n"


SOUND = wave(3)


def make(chance, mark):
    """A request: path, content type, body, and true for a streamed response. `mark` in the model's name identifies the key."""

    def model(*settings):
        return "sandbox:" + ",".join((f"first={mark}us", *settings))

    tokens = f"tokens={chance.choice((1, 2, 3, 7, 20, 39))}"
    kind = chance.choices(
        ["chat", "stream", "tools", "completion", "embedding", "rerank", "sound", "speech", "image", "models"],
        [30, 35, 5, 8, 8, 4, 2, 3, 1, 4],
    )[0]
    if kind == "models":
        return "/v1/models", None, b"", False
    if kind == "sound":
        return "/v1/audio/transcriptions", "multipart/form-data; boundary=b", multipart(model(), SOUND), False
    fault = chance.random() < 0.05
    if kind in ("chat", "tools", "completion"):
        settings = [tokens]
        if chance.random() < 0.2:
            settings.append(f"reasoning={chance.randrange(1, 20)}")
        if chance.random() < 0.2:
            settings.append("encoding=gzip")
        if fault:
            settings.append("fault=" + chance.choice(["status-500", "status-429", "status-400", "cut-before"]))
        body = {"model": model(*settings)}
        if chance.random() < 0.2:
            body["n"] = chance.randrange(2, 4)
        if kind == "completion":
            return "/v1/completions", "application/json", body | {"prompt": "PROMPT-MARKER once upon a time"}, False
        return "/v1/chat/completions", "application/json", body | {"messages": HELLO} | (
            {"tools": TOOLS} if kind == "tools" else {}
        ), False
    if kind == "stream":
        usage = chance.choice(["standard", "last-chunk", "every-chunk"])
        settings = [tokens, f"backend={chance.choice(['both', 'body', 'header', 'none'])}"]
        if fault:
            # A stream that breaks off is exact if every event states the usage so far.
            usage = "every-chunk"
            settings.append("fault=" + chance.choice(["cut", "reset", "no-done", "error-event"]))
        settings.append(f"usage={usage}")
        body = {"model": model(*settings), "messages": HELLO, "stream": True}
        if chance.random() < 0.4 or fault:
            body["stream_options"] = {"include_usage": True}
        return "/v1/chat/completions", "application/json", body, True
    others = {
        "embedding": ("/v1/embeddings", {"input": ["PROMPT-MARKER one", "two", "three"][: chance.randrange(1, 4)]}),
        "rerank": ("/v2/rerank", {"query": "PROMPT-MARKER", "documents": ["a", "b"] * chance.randrange(1, 80)}),
        "speech": ("/v1/audio/speech", {"input": "PROMPT-MARKER é" * chance.randrange(1, 9), "voice": "x"}),
        "image": ("/v1/images/generations", {"prompt": "PROMPT-MARKER", "n": chance.randrange(1, 3)}),
    }
    path, body = others[kind]
    settings = ["fault=status-503"] if fault else ["size=1KiB"] if kind in ("speech", "image") else []
    return path, "application/json", body | {"model": model(*settings)}, False


async def send(gateway, key, request, leaves):
    path, kind, body, _ = request
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    method = "POST" if kind else "GET"
    head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\naccept-encoding: gzip\r\nconnection: close\r\n"
    if kind:
        head += f"content-type: {kind}\r\ncontent-length: {len(data)}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(head.encode() + b"\r\n" + data)
    try:
        if leaves:
            await reader.read(1)
            writer.transport.abort()
        else:
            await asyncio.wait_for(reader.read(), TIMEOUT)
    except ConnectionResetError:
        pass
    finally:
        writer.close()


def test_ledger_agrees_with_the_upstream(sandbox, tmp_path):
    url, billed = sandbox
    members = "metering: { on_disconnect: finish }\nlog: { level: error, access: false }\n"
    gateway = Gateway(tmp_path, members, upstream=f"{url}/v1").start()
    try:
        # So many that each stays below the 200 models a day that the ledger tells apart.
        keys = [gateway.create_key(f"key-{number}") for number in range(max(4, REQUESTS // 750))]
        before = len(keys)  # what create_key has asked
        chance = random.Random(1)
        sent = collections.Counter()

        async def worker(work):
            for number in work:
                mark = number % len(keys)
                request = make(chance, mark + 1)
                # Clients disconnect during the stream: the gateway reads the response to its end.
                leaves = request[3] and "fault" not in request[2]["model"] and chance.random() < 0.12
                sent[mark] += 1
                sent["leaves"] += leaves
                await send(gateway, keys[mark][1], request, leaves)

        async def all_of_them():
            work = iter(range(REQUESTS))
            await asyncio.gather(*(worker(work) for _ in range(32)))

        asyncio.run(all_of_them())
        assert sent["leaves"] > REQUESTS * 0.02

        assert eventually(lambda: sum(row["requests"] for row in gateway.usage("key")) >= before + REQUESTS, 60)
        rows = gateway.usage("key,model,endpoint,status")
        assert sum(row["requests"] for row in rows) == before + REQUESTS
        ours = collections.defaultdict(collections.Counter)
        names = {identifier: mark + 1 for mark, (identifier, _) in enumerate(keys)}
        for row in rows:
            if not row["model"]:
                continue
            # No key was billed for a request of another key.
            assert f"first={names[row['key']]}us" in row["model"]
            counts = ours[row["model"]]
            for unit in ("prompt_tokens", "completion_tokens", "reasoning_tokens"):
                counts[unit] += row[unit]
            counts.update(row["other_units"])
            counts[row["endpoint"]] += row["requests"]
            if "fault=cut-before" in row["model"]:
                # Sent and never answered: nobody knows what the upstream has billed, so the input is estimated.
                assert row["estimated_requests"] == row["requests"] and row["prompt_tokens"] > 0
        theirs = billed()
        compared = 0
        for model in sorted(set(theirs) | set(ours)):
            bill, counts = theirs.get(model, collections.Counter()), ours[model]
            for unit in ("prompt_tokens", "completion_tokens", "reasoning_tokens", "characters", "images"):
                if unit == "prompt_tokens" and "fault=cut-before" in model:
                    continue  # not stated by the upstream: an estimate
                assert counts[unit] == bill.get(unit, 0), (model, unit, dict(counts), bill)
                compared += counts[unit]
            assert counts["search_units"] == bill.get("search_units", 0), model
            if counts["audio/transcriptions"]:
                assert bill["audio_milliseconds"] == 3000 * counts["audio/transcriptions"]
                assert counts["audio_minutes"] == counts["audio/transcriptions"]
        assert compared > REQUESTS * 10
    finally:
        assert gateway.stop() == 0


# Each kind of stream with what it adds to the body. The sandbox sends every token in an event of its own.
STREAMS = {
    "content": ("/v1/chat/completions", "", {"messages": HELLO}),
    "reasoning": ("/v1/chat/completions", ",reasoning=1500", {"messages": HELLO}),
    "without usage": ("/v1/chat/completions", ",usage=none", {"messages": HELLO}),
    "compressed": ("/v1/chat/completions", ",encoding=gzip", {"messages": HELLO}),
    "text": ("/v1/completions", "", {"prompt": "PROMPT-MARKER Hello"}),
}


def produced(url, path, settings, body):
    """The sandbox's own count of tokens at each event of a stream."""
    settings = settings.replace(",usage=none", "").replace(",encoding=gzip", "")
    body = body | {"model": f"sandbox:tokens=2000,usage=every-chunk{settings}", "stream": True}
    with httpx.stream("POST", url + path, json=body, headers={"Authorization": "Bearer any"}, timeout=TIMEOUT) as answer:
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: {")]
    return [event["usage"]["completion_tokens"] for event in events]


@pytest.mark.parametrize("kind", STREAMS)
def test_estimates_of_cancelled_streams_are_within_5_percent(sandbox, tmp_path, kind):
    """By default the upstream stops with the client, and what it had produced is estimated."""
    url, _ = sandbox
    path, settings, extra = STREAMS[kind]
    counts = produced(url, path, settings, extra)
    gateway = Gateway(tmp_path, "log: { level: error, access: false }\n", upstream=f"{url}/v1").start()
    try:
        identifier, key = gateway.create_key("leaver")

        async def leave(after):
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            body = extra | {"model": f"sandbox:tokens=2000,interval=5ms{settings}", "stream": True}
            content = json.dumps(body).encode()
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(content)}\r\n\r\n".encode() + content
            )
            seen = b""
            while seen.count(b"data: {") < after:
                more = await reader.read(65536)
                assert more, f"the stream ends after {seen.count(b'data: {')} events"
                seen += more
            if after % 20:
                writer.transport.abort()
            else:
                writer.close()
            return counts[seen.count(b"data: {") - 1]

        async def all_of_them():
            return await asyncio.gather(*(leave(after) for after in range(200, 400, 10)))

        seen = sum(asyncio.run(all_of_them()))
        (row,) = gateway.usage("key,endpoint", requests=20, key=identifier, endpoint=path.removeprefix("/v1/"))
        assert row["estimated_requests"] == 20
        assert abs(row["completion_tokens"] - seen) <= 0.05 * seen, (row["completion_tokens"], seen)
    finally:
        assert gateway.stop() == 0
