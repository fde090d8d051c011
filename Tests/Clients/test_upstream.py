"""What goes upstream and what comes back, byte for byte, before an upstream that notes it."""
import json

import httpx
import pytest

from recorder import Recorder


@pytest.fixture
def recorder():
    recorder = Recorder()
    yield recorder
    recorder.close()


@pytest.fixture
def relayed(start, recorder):
    gateway = start(upstream=recorder.url)
    gateway.key = gateway.first_key()
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {gateway.key}"}) as http:
        yield gateway, http, recorder


BODY = (
    b'{ "model" : "gpt-oss:120b",\n\t"seed": 9007199254740993, "other": 18446744073709551615, "real": 1.10, "exp": 1E400,'
    b' "messages": [{"role":"user","content":"caf\\u00e9 \xf0\x9f\x9a\xaa", "tool_calls": null, "audio_url": {"url": "x"}}],'
    b' "unknown": {"b": [1, 2 ,3], "a": null}, "stream": false }'
)


def test_request_bytes_are_the_callers(relayed):
    _, http, recorder = relayed
    http.post("/v1/chat/completions", content=BODY, headers={"Content-Type": "application/json; charset=utf-8"})
    arrival, = recorder.arrivals
    assert arrival.body == BODY
    assert arrival.headers["content-type"] == "application/json; charset=utf-8"


def test_alias_changes_the_name_alone(relayed):
    _, http, recorder = relayed
    http.post("/v1/chat/completions", content=BODY.replace(b"gpt-oss:120b", b"gpt-4o"))
    assert recorder.arrivals[0].body == BODY


def test_answer_bytes_are_the_upstreams(relayed):
    _, http, recorder = relayed
    answer = b'{"id" : 9007199254740993,"usage":{"prompt_tokens":1e0},  "x":"\\u00e9"}\n'
    recorder.answer = lambda _: (200, {"content-type": "application/json", "x-own": "kept", "retry-after": "7"}, answer)
    received = http.post("/v1/chat/completions", content=BODY)
    assert received.content == answer
    assert received.headers["x-own"] == "kept" and received.headers["retry-after"] == "7"


def test_stream_bytes_are_the_upstreams(relayed):
    _, http, recorder = relayed
    events = (
        b': a comment\n\ndata: {"id":"a","choices":[{"index":0,"delta":{"content":"1"}}]}\r\n\r\n'
        b'event: x\ndata: {"id":"a",\ndata: "choices":[{"index":0,"delta":{"content":"2"}}]}\n\n'
        b'data: {"id":"a","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\ndata: [DONE]\n\n')
    recorder.answer = lambda _: (200, {"content-type": "text/event-stream"}, events)
    body = {"model": "m", "stream": True, "messages": [], "stream_options": {"include_usage": True, "other": 1}}
    assert http.post("/v1/chat/completions", json=body).content == events
    # What the caller did not ask for is taken out; what it did ask for beside that goes upstream.
    body["stream_options"] = {"other": 1}
    usage_start = events.index(b'data: {"id":"a","choices":[],')
    expected = events[:usage_start] + b"data: [DONE]\n\n"
    assert http.post("/v1/chat/completions", json=body).content == expected
    assert json.loads(recorder.arrivals[1].body)["stream_options"] == {"other": 1, "include_usage": True}


def test_keys_do_not_cross(relayed):
    gateway, http, recorder = relayed
    http.post("/v1/chat/completions", content=BODY, headers={
        "X-Api-Key": gateway.key, "Api-Key": gateway.key, "Cookie": "a=b", "X-Kept": "yes", "OpenAI-Organization": "org"})
    headers = recorder.arrivals[0].headers
    assert headers["authorization"] == "Bearer upstream-key"
    assert gateway.key not in str(headers)
    assert headers["x-kept"] == "yes" and headers["openai-organization"] == "org" and "cookie" not in headers


def test_hop_by_hop_fields_stay_here(relayed):
    _, http, recorder = relayed
    http.post("/v1/chat/completions", content=BODY, headers={
        "Connection": "close, X-Mine", "X-Mine": "1", "TE": "trailers", "Accept-Encoding": "br, zstd, gzip",
        "Keep-Alive": "timeout=5", "Proxy-Authorization": "x"})
    headers = recorder.arrivals[0].headers
    assert not {"x-mine", "te", "keep-alive", "proxy-authorization"} & set(headers)
    assert headers["accept-encoding"] == "gzip"
    assert headers["content-length"] == str(len(BODY)) and "transfer-encoding" not in headers


@pytest.mark.parametrize("path", [
    "/v1/files?after=file-1&limit=2&x=%20",
    "/v1/models/nvidia%2Fllama-x",
    "/v1/organization/things%20here?a=b&a=c",
    "/v1/responses",
])
def test_paths_and_queries_are_the_callers(relayed, path):
    _, http, recorder = relayed
    assert http.get(path).status_code == 200
    assert recorder.arrivals[0].target == path


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_any_other_path_and_method(relayed, method):
    _, http, recorder = relayed
    recorder.answer = lambda _: (201, {"content-type": "text/plain"}, b"made")
    answer = http.request(method, "/v1/vector_stores/vs_1/files", content=b"\x00anything")
    assert (answer.status_code, answer.content) == (201, b"made")
    assert (recorder.arrivals[0].method, recorder.arrivals[0].body) == (method, b"\x00anything")


def test_other_paths_are_metered_where_they_say_their_usage(relayed):
    gateway, http, recorder = relayed
    answer = b'{"id":"resp_1","usage":{"input_tokens":11,"output_tokens":7,"total_tokens":18}}'
    recorder.answer = lambda _: (200, {"content-type": "application/json"}, answer)
    http.post("/v1/responses", json={"model": "gpt-oss:120b", "input": "x"})
    row, = gateway.usage("endpoint", requests=1)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (11, 7)


def test_base_url_with_a_path_of_its_own(start, recorder):
    gateway = start(upstream=recorder.url.replace("/v1", "/behind/v1"))
    key = gateway.first_key()
    httpx.post(f"{gateway.url}/v2/rerank", headers={"Authorization": f"Bearer {key}"},
               json={"model": "m", "query": "q", "documents": ["d"]})
    assert recorder.arrivals[0].target == "/behind/v2/rerank"


def test_nothing_billable_is_sent_twice(relayed):
    _, http, recorder = relayed
    recorder.answer = lambda _: (500, {}, b"")
    assert http.post("/v1/chat/completions", content=BODY).status_code == 500
    assert len(recorder.arrivals) == 1
