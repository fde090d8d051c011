"""The administrator sees the requests in flight, and ends one."""

import concurrent.futures
import contextlib
import json
import urllib.request

import anthropic
import openai
import pytest
import websockets.exceptions
import websockets.sync.client

from gateway import TIMEOUT, Gateway, eventually

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]
ENDLESS = "sandbox:tokens=100000,interval=20ms"
SILENT = "sandbox:first=10m"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A gateway that nobody else uses, with a key of a queue for one request."""
    members = "tiers:\n  narrow: { concurrent_requests: 1, queue: { wait: 60s } }\n"
    gateway = Gateway(tmp_path_factory.mktemp("requests"), members).start()
    gateway.id, gateway.key = gateway.create_key("ada")
    yield gateway
    assert gateway.stop() == 0


def running(gateway, **members):
    """The requests in flight with these members; at least one, waited for."""

    def found():
        requests = gateway.json("requests", "--json")["requests"]
        return [one for one in requests if all(one.get(name) == value for name, value in members.items())]

    return eventually(found)


def cancel(gateway, request):
    outcome = gateway.run("requests", "cancel", request)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def row(gateway, request):
    """The ledger's row of a request, waited for."""
    eventually(lambda: gateway.run("usage", "request", request, "--json").returncode == 0)
    (found,) = gateway.json("usage", "request", request, "--json")
    return found


@contextlib.contextmanager
def background(call):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        yield pool.submit(call)


def test_a_stream_is_seen_and_ended(quiet):
    with quiet.openai(quiet.key) as client:
        stream = client.chat.completions.create(model=ENDLESS, messages=HELLO, stream=True, user="bob")
        chunks = iter(stream)
        for _ in range(20):
            next(chunks)
        (request,) = running(quiet, state="streaming")
        assert request["key"] == quiet.id and request["key_name"] == "ada" and request["user"] == "bob"
        assert request["model"] == ENDLESS and request["endpoint"] == "chat/completions"
        assert request["completion_tokens"] >= 10 and request["prompt_tokens"] > 0
        assert 1 < request["tokens_per_second"] < 1000 and request["age_seconds"] > 0
        assert request["id"] == stream.response.headers["x-request-id"]
        table = quiet.run("requests").stdout
        assert request["id"][-12:] in table and "streaming" in table and request["id"] not in table

        assert cancel(quiet, request["id"][-12:]) == f"cancelled {request['id']}\n"
        with pytest.raises(openai.APIError) as failure:
            for _ in chunks:
                pass
        assert failure.value.code == "request_cancelled"
    assert quiet.json("requests", "--json") == {"requests": []}
    assert quiet.run("requests").stdout == "No request is in flight.\n"
    ended = row(quiet, request["id"])
    assert ended["ending"] == "cancelled" and ended["cause"] == "request_cancelled" and ended["status"] == 200
    assert ended["completion_tokens"] >= request["completion_tokens"] and ended["exactness"] == "interrupted"
    entry = quiet.json("audit", "--json")[0]
    assert entry["action"] == "request.cancel" and entry["after"] == {"request": request["id"]}
    assert entry["key_name"] == "ada"


def test_a_request_without_a_response_is_ended_and_not_repeated(quiet):
    """The SDK repeats what may succeed by itself; this must not come back."""
    with quiet.openai(quiet.key, max_retries=2) as client:
        with background(lambda: client.chat.completions.create(model=SILENT, messages=HELLO)) as answer:
            (request,) = running(quiet, state="sent")
            cancel(quiet, request["id"])
            with pytest.raises(openai.PermissionDeniedError) as failure:
                answer.result(TIMEOUT)
    assert failure.value.code == "request_cancelled" and failure.value.status_code == 403
    assert quiet.json("requests", "--json") == {"requests": []}
    assert row(quiet, request["id"])["status"] == 403


def test_a_stream_of_anthropics_sdk_is_ended(quiet):
    client = anthropic.Anthropic(base_url=quiet.url, api_key=quiet.key, max_retries=0, timeout=TIMEOUT)
    with pytest.raises(anthropic.APIStatusError) as failure:
        with client.messages.stream(model=ENDLESS, max_tokens=90000, messages=HELLO) as stream:
            texts = iter(stream.text_stream)
            next(texts)
            (request,) = running(quiet, endpoint="messages")
            cancel(quiet, request["id"])
            for _ in texts:
                pass
    assert "administrator" in str(failure.value)
    assert row(quiet, request["id"])["ending"] == "cancelled"


def test_a_waiting_request_is_ended(quiet):
    _, key = quiet.create_key("narrow", "--tier", "narrow")
    with quiet.openai(key) as client, background(
        lambda: client.chat.completions.create(model=SILENT, messages=HELLO)
    ) as first:
        (holder,) = running(quiet, state="sent", key_name="narrow")
        with background(lambda: client.chat.completions.create(model=SILENT, messages=HELLO)) as second:
            (request,) = running(quiet, state="waiting", key_name="narrow")
            cancel(quiet, request["id"])
            with pytest.raises(openai.PermissionDeniedError):
                second.result(TIMEOUT)
        cancel(quiet, holder["id"])
        with pytest.raises(openai.PermissionDeniedError):
            first.result(TIMEOUT)
    ended = row(quiet, request["id"])
    assert ended["ending"] == "cancelled" and ended["cost_eur"] == "0"


def test_a_websocket_is_ended(quiet):
    with websockets.sync.client.connect(
        f"ws://127.0.0.1:{quiet.port}/v1/realtime?model=voxtral",
        open_timeout=TIMEOUT, additional_headers={"Authorization": f"Bearer {quiet.key}"},
    ) as socket:
        (request,) = running(quiet, state="tunnel")
        with background(lambda: cancel(quiet, request["id"])) as cancelled:
            with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                while True:
                    socket.recv(TIMEOUT)
            cancelled.result(TIMEOUT)
    assert closed.value.rcvd.code == 1008 and closed.value.rcvd.reason.startswith("request_cancelled: ")
    assert row(quiet, request["id"])["ending"] == "cancelled"


def test_the_api_does_the_same(quiet):
    def call(method, path=""):
        url = f"http://127.0.0.1:{quiet.admin_port}/admin/v1/requests{path}"
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=TIMEOUT) as response:
            return json.load(response)

    with quiet.openai(quiet.key) as client, background(
        lambda: client.chat.completions.create(model=SILENT, messages=HELLO)
    ) as answer:
        (request,) = running(quiet, state="sent")
        (shown,) = call("GET")["requests"]
        assert {**shown, "age_seconds": 0} == {**request, "age_seconds": 0}
        assert call("DELETE", f"/{request['id']}")["id"] == request["id"]
        with pytest.raises(openai.PermissionDeniedError):
            answer.result(TIMEOUT)


def test_what_is_not_in_flight_is_said(quiet):
    outcome = quiet.run("requests", "cancel", "0123456789ab")
    assert outcome.returncode == 1
    assert "no request in flight has the id 0123456789ab" in outcome.stderr


def test_without_a_gateway_there_is_nothing_to_see(tmp_path):
    gateway = Gateway(tmp_path)
    for arguments in (["requests"], ["requests", "cancel", "x"]):
        outcome = gateway.run(*arguments)
        assert outcome.returncode == 1 and "no gateway answers" in outcome.stderr
