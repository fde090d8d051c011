"""The bound on connections to the upstream."""

import concurrent.futures
import json
import threading
import time
import urllib.error
import urllib.request

import pytest

from gateway import TIMEOUT, eventually
from recorder import Recorder


class SlowUpstream(Recorder):
    """Answers after `pause`, or when `proceed` is set, and counts the requests under way."""

    def __init__(self, pause):
        super().__init__()
        self.now, self.most, self.proceed = 0, 0, threading.Event()
        lock = threading.Lock()

        def answer(arrival):
            with lock:
                self.now += 1
                self.most = max(self.most, self.now)
            self.proceed.wait(pause)
            with lock:
                self.now -= 1
            return 200, {"content-type": "application/json"}, b"{}"

        self.answer = answer


@pytest.fixture
def slow():
    upstreams = []

    def make(pause):
        upstreams.append(SlowUpstream(pause))
        return upstreams[-1]

    yield make
    for upstream in upstreams:
        upstream.proceed.set()
        upstream.close()


def gateway_of(start, upstream, members):
    gateway = start(f"upstream: {{ base_url: '{upstream.url}', api_keys: [upstream-key], {members} }}\n", sandbox=False)
    return gateway, gateway.first_key()


@pytest.mark.parametrize("bound", [1, 5, 20])
def test_bound_is_exact_and_all_are_served(start, slow, bound):
    upstream = slow(TIMEOUT)
    gateway, key = gateway_of(start, upstream, f"max_connections: {bound}, connect_timeout: 30s")
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(gateway.status_of, key) for _ in range(60)]
        assert eventually(lambda: upstream.now == bound)
        upstream.proceed.set()
        statuses = [future.result(TIMEOUT) for future in waiting]
    assert statuses == [200] * 60
    assert upstream.most == bound


def test_full_pool_names_its_setting(start, slow):
    upstream = slow(TIMEOUT)
    gateway, key = gateway_of(start, upstream, "max_connections: 1, connect_timeout: 500ms")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(gateway.status_of, key)
        assert eventually(lambda: upstream.now == 1)
        begin = time.monotonic()
        request = urllib.request.Request(gateway.url + "/v1/models", headers={"Authorization": f"Bearer {key}"})
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request, timeout=TIMEOUT)
        assert 0.4 < time.monotonic() - begin < 5
        error = json.loads(refusal.value.read())["error"]
        assert (refusal.value.code, error["code"]) == (503, "overloaded")
        assert "upstream.max_connections" in error["message"]
        assert refusal.value.headers["retry-after"]
        upstream.proceed.set()
        assert first.result(TIMEOUT) == 200
    assert gateway.status_of(key) == 200
