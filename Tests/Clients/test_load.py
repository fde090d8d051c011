"""Many requests and streams at the same time."""

import asyncio
import concurrent.futures
import contextlib
import re
import resource
import urllib.request

import openai
import pytest

from gateway import eventually
from wire import Wire, chat_request

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


def test_200_streams_at_once(gateway, fresh_key):
    identifier, key = fresh_key

    async def stream(client, number):
        stream = await client.chat.completions.create(
            model="sandbox:tokens=40,interval=10ms",
            messages=[{"role": "user", "content": f"PROMPT-MARKER {number}"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        text, usage = "", None
        async for chunk in stream:
            usage = chunk.usage or usage
            text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        return len(text.split()), usage

    async def all_of_them():
        limits = openai.DefaultAsyncHttpxClient(timeout=60)
        async with gateway.async_openai(key, timeout=60, http_client=limits) as client:
            return await asyncio.gather(*(stream(client, number) for number in range(200)))

    results = asyncio.run(all_of_them())
    assert {words for words, _ in results} == {40}
    (row,) = gateway.usage("key,endpoint", requests=200, key=identifier, endpoint="chat/completions")
    assert row["completion_tokens"] == sum(usage.completion_tokens for _, usage in results) == 200 * 40
    assert row["prompt_tokens"] == sum(usage.prompt_tokens for _, usage in results)
    assert row["estimated_requests"] == 0


def test_responses_reach_their_clients(gateway):
    """The first word of the sandbox depends on the request, so a response that reaches the wrong client is noticed."""

    def ask(client, number):
        messages = [{"role": "user", "content": f"PROMPT-MARKER {number}"}]
        answer = client.chat.completions.create(model=f"sandbox:tokens={number % 7 + 1}", messages=messages)
        return number, answer.model, answer.choices[0].message.content

    client = gateway.openai(gateway.key)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        first = list(pool.map(lambda number: ask(client, number), range(200)))
        second = list(pool.map(lambda number: ask(client, number), range(200)))
    assert first == second
    assert all(model == f"sandbox:tokens={number % 7 + 1}" for number, model, _ in first)


def test_slow_reader_gets_everything(gateway, fresh_key):
    """Back-pressure: a response of 64 MiB that the client does not read does not fill the memory of the gateway."""
    identifier, key = fresh_key
    before = resident(gateway)
    with Wire(gateway) as connection:
        connection.send(chat_request(key, {"model": "sandbox:tokens=1000,size=64MiB", "messages": HELLO, "stream": True}))
        status, _ = connection.read_head()
        assert status == 200
        # Other responses, which give the gateway time to read ahead.
        for _ in range(20):
            gateway.status_of(gateway.key)
        held = resident(gateway)
    assert held - before < 48 << 20


@pytest.fixture
def quiet(start, sandbox):
    """A gateway, and a function that opens streams through it. Each has had an event and is then silent."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))  # for the gateway, too, which inherits it
    url, _ = sandbox
    gateway = start(
        f"upstream: {{ base_url: '{url}/v1', api_keys: [upstream-key], max_connections: 4096 }}\n"
        "metering: { on_disconnect: cancel }",
        sandbox=False,
    )
    key = gateway.first_key()
    request = chat_request(key, {"model": "sandbox:tokens=5,fault=stall", "messages": HELLO, "stream": True})

    @contextlib.contextmanager
    def hold(count):
        with contextlib.ExitStack() as held:
            streams = [held.enter_context(Wire(gateway)) for _ in range(count)]
            for stream in streams:
                stream.send(request)
            for stream in streams:
                assert stream.read_head()[0] == 200
                assert stream.read_until(b"data: ")
            yield

    with hold(100):  # these pay for what there is once
        yield gateway, hold


def test_quiet_streams_are_small(quiet):
    """A silent stream needs less than 12 kB."""
    gateway, hold = quiet
    before = resident(gateway)
    with hold(2000):
        assert (resident(gateway) - before) / 2000 < 12_000


def test_memory_is_reused(quiet):
    """Memory of ended streams is reused by later ones."""
    gateway, hold = quiet
    before = resident(gateway)
    held = []
    for _ in range(4):
        with hold(2000):
            held.append(resident(gateway) - before)
        assert eventually(lambda: open_connections(gateway) == 100)
    assert max(held) < held[0] * 1.3


def open_connections(gateway):
    """Open connections of clients."""
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{gateway.admin_port}/metrics").read().decode()
    return int(re.search(r'^propylon_connections\{side="caller"\} (\d+)', metrics, re.MULTILINE)[1])


def resident(gateway):
    """Resident bytes of the process."""
    with open(f"/proc/{gateway.process.pid}/statm") as file:
        return int(file.read().split()[1]) * 4096
