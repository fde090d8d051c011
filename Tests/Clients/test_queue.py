"""Requests wait for room in their limits where their tier has a queue."""

import concurrent.futures
import time

import httpx
import openai
import pytest

from gateway import Gateway, eventually

TIERS = """
tiers:
  patient: { concurrent_requests: 2, queue: { wait: 20s, length: 50 } }
  hurried: { concurrent_requests: 1, queue: { wait: 200ms } }
"""
HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


@pytest.fixture(scope="module")
def queued(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("queue"), TIERS).start()
    yield gateway
    assert gateway.stop() == 0


def metrics(gateway):
    return httpx.get(f"http://127.0.0.1:{gateway.admin_port}/metrics").text


def test_all_get_their_turn(queued):
    """Twenty at once, of which two may run: all are answered, streams too, and the limit holds."""
    identifier, key = queued.create_key("patient", "--tier", "patient")
    client = queued.openai(key)

    def ask(number):
        options = {"model": "sandbox:tokens=3,first=100ms", "messages": HELLO}
        if number % 2:
            return client.chat.completions.create(**options).usage.completion_tokens
        chunks = list(client.chat.completions.create(**options, stream=True, stream_options={"include_usage": True}))
        return chunks[-1].usage.completion_tokens

    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(20))) == [3] * 20
    assert time.monotonic() - begun >= 10 * 0.1
    queued.usage("key,endpoint,status", requests=20, key=identifier, endpoint="chat/completions", status="200")


def test_a_wait_in_vain_is_refused(queued):
    _, key = queued.create_key("hurried", "--tier", "hurried")
    client = queued.openai(key)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(
            lambda: client.chat.completions.create(model="sandbox:tokens=2,first=3s", messages=HELLO).usage.total_tokens
        )
        assert eventually(lambda: "\npropylon_requests_in_flight 1" in metrics(queued))
        with pytest.raises(openai.RateLimitError) as raised:
            client.chat.completions.create(model="sandbox:tokens=2", messages=HELLO)
        assert raised.value.code == "concurrency_limit_exceeded" and "try again in" in raised.value.message
        assert slow.result() > 0


def test_the_metric_counts_who_waits(queued):
    assert "\npropylon_requests_waiting 0" in metrics(queued)
