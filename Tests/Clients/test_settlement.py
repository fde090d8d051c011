"""Settlement: a request that was sent upstream is billed, and only known headers are sent with it."""

import contextlib
import decimal
import signal
import threading

import httpx
import pytest

from gateway import TIMEOUT, Gateway, eventually
from recorder import Recorder
from wire import Wire, chat_request

CHATS = "chat/completions"
PROMPT = "PROMPT-MARKER " + "one two three four five " * 20
TIERS = """\
default_tier: metered
tiers:
  metered: { budget_eur_per_day: 1, requests_per_minute: 100 }
"""


def chat(stream=False):
    return {"model": "gpt-oss:120b", "stream": stream, "messages": [{"role": "user", "content": PROMPT}]}


class SilentUpstream(Recorder):
    """Responds to GET requests at once, and to no other request before it is closed."""

    def __init__(self):
        super().__init__()
        self._closed = threading.Event()
        self.answer = self.wait

    @property
    def has_request(self):
        return any(arrival.method == "POST" for arrival in self.arrivals)

    def wait(self, arrival):
        if arrival.method == "GET":
            return 200, {"content-type": "application/json"}, b'{"object":"list","data":[]}'
        self._closed.wait(TIMEOUT)
        return b""

    def close(self):
        self._closed.set()
        super().close()


@pytest.fixture
def recorder():
    with contextlib.closing(Recorder()) as recorder:
        yield recorder


@pytest.fixture
def silent():
    with contextlib.closing(SilentUpstream()) as upstream:
        yield upstream


def post(gateway, key, stream=False):
    """The status of a chat completion."""
    response = httpx.post(
        f"{gateway.url}/v1/chat/completions",
        json=chat(stream),
        headers={"Authorization": f"Bearer {key}"},
        timeout=TIMEOUT,
    )
    return response.status_code


def assert_billed(gateway, identifier):
    """One row with the estimated input of one request, charged to the limits."""
    (row,) = gateway.usage("key,endpoint", requests=1, key=identifier, endpoint=CHATS)
    # 24 bytes times 20 and the marker: about 100 tokens, whatever the estimate's exact rule.
    assert 50 < row["prompt_tokens"] < 1000
    assert row["estimated_requests"] == 1
    assert decimal.Decimal(row["cost_eur"]) > 0
    limits = {limit["limit"]: limit for limit in gateway.json("limits", identifier, "--json")["limits"]}
    budget = limits["budget_eur_per_day"]
    assert decimal.Decimal(budget["used"]) >= decimal.Decimal(row["cost_eur"])
    assert decimal.Decimal(budget["reserved"]) == 0


# A request that was sent and has no response


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_first_byte_timeout_is_billed(start, silent, stream):
    upstream = f"upstream: {{ base_url: {silent.url}, api_keys: [upstream-key], first_byte_timeout: 500ms }}\n"
    gateway = start(TIERS + upstream, sandbox=False)
    identifier, key = gateway.create_key("timeout")
    assert post(gateway, key, stream) == 504
    assert_billed(gateway, identifier)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_connection_cut_before_the_head_is_billed(start, recorder, stream):
    recorder.answer = lambda _: b""
    gateway = start(TIERS, upstream=recorder.url)
    identifier, key = gateway.create_key("cut")
    assert post(gateway, key, stream) == 502
    assert_billed(gateway, identifier)


def test_connection_cut_within_the_head_is_billed(start, recorder):
    recorder.answer = lambda _: b"HTTP/1.1 200 OK\r\ncontent-ty"
    gateway = start(TIERS, upstream=recorder.url)
    identifier, key = gateway.create_key("cut")
    assert post(gateway, key) == 502
    assert_billed(gateway, identifier)


def test_stream_cut_before_the_first_event_is_billed(start, recorder):
    recorder.answer = lambda _: (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    gateway = start(TIERS, upstream=recorder.url)
    identifier, key = gateway.create_key("cut")
    assert post(gateway, key, stream=True) == 502
    assert_billed(gateway, identifier)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_client_that_leaves_before_the_first_byte_is_billed(start, silent, stream):
    gateway = start(TIERS, upstream=silent.url)
    identifier, key = gateway.create_key("leaver")
    with Wire(gateway) as wire:
        wire.send(chat_request(key, chat(stream)))
        assert eventually(lambda: silent.has_request)
    assert_billed(gateway, identifier)


def test_request_in_flight_at_kill_9_is_billed(start, silent):
    gateway = start(TIERS, upstream=silent.url)
    identifier, key = gateway.create_key("survivor")
    with Wire(gateway) as wire:
        wire.send(chat_request(key, chat()))
        assert eventually(lambda: silent.has_request)
        gateway.signal(signal.SIGKILL)
        gateway.process.wait()
    gateway.start()
    assert_billed(gateway, identifier)


# A request that was not sent


def test_request_that_was_not_sent_is_free(start):
    gateway = start(TIERS, upstream="http://127.0.0.1:1/v1")
    identifier, key = gateway.create_key("unsent")
    assert post(gateway, key) == 502
    (row,) = gateway.usage("key,endpoint", requests=1, key=identifier, endpoint=CHATS)
    assert row["prompt_tokens"] == 0
    assert decimal.Decimal(row["cost_eur"]) == 0


# Headers of the request to the upstream

FORWARDED = {
    "accept": "application/json",
    "user-agent": "the-client/1.0",
    "idempotency-key": "0123",
    "openai-organization": "org",
    "openai-beta": "assistants=v2",
    "anthropic-version": "2023-06-01",
    "x-stainless-lang": "python",
    "x-codex-turn-metadata": "{}",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "tracestate": "a=b",
}

WITHHELD = {
    "cookie": "session=SECRET",
    "x-forwarded-for": "192.0.2.1",
    "forwarded": "for=192.0.2.1",
    "x-real-ip": "192.0.2.1",
    "referer": "https://intranet.example/page",
    "origin": "https://intranet.example",
    "helicone-auth": "Bearer SECRET",
    "cf-aig-authorization": "Bearer SECRET",
    "x-authorization": "Bearer SECRET",
    "proxy-authorization": "Basic SECRET",
    "x-team-user": "alice",
    "x-other": "SECRET",
}

# Fields that the gateway writes itself.
OWN = {
    "host", "authorization", "content-type", "content-length", "accept-encoding", "connection", "via", "x-request-id",
}


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A request with all headers above: the gateway, the key's id, and the headers that reach the upstream."""
    with contextlib.closing(Recorder()) as recorder:
        members = TIERS + "metering: { user_header: x-team-user }\n"
        gateway = Gateway(tmp_path_factory.mktemp("headers"), members, upstream=recorder.url).start()
        try:
            identifier, key = gateway.create_key("headers")
            keys = {"authorization": f"Bearer {key}", "x-api-key": key, "api-key": key}
            response = httpx.post(
                f"{gateway.url}/v1/chat/completions", json=chat(), headers=FORWARDED | WITHHELD | keys, timeout=TIMEOUT
            )
            assert response.status_code == 200
            arrival = recorder.arrivals[-1]
            assert key not in str(arrival.headers)
            yield gateway, identifier, arrival.headers
        finally:
            assert gateway.stop() == 0


@pytest.mark.parametrize("name", FORWARDED)
def test_known_header_is_forwarded(sent, name):
    assert sent[2].get(name) == FORWARDED[name]


@pytest.mark.parametrize("name", [*WITHHELD, "x-api-key", "api-key"])
def test_other_header_is_withheld(sent, name):
    assert name not in sent[2]


def test_no_header_is_forwarded_by_accident(sent):
    assert set(sent[2]) <= set(FORWARDED) | OWN


def test_upstream_gets_its_own_key(sent):
    assert sent[2]["authorization"] == "Bearer upstream-key"


def test_user_header_attributes_the_request(sent):
    gateway, identifier, _ = sent
    (row,) = gateway.usage("key,user,endpoint", requests=1, key=identifier, endpoint=CHATS)
    assert row["user"] == "alice"
