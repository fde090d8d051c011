"""Requests to the upstream and responses from it, byte for byte, with an upstream that records them."""

import gzip
import json

import httpx
import pytest

from gateway import eventually


@pytest.fixture
def relayed(start, recorder):
    gateway = start(upstream=recorder.url)
    gateway.key = gateway.first_key()
    with httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {gateway.key}"}) as http:
        yield gateway, http, recorder


BODY = (
    b'{ "model" : "gpt-oss:120b",\n\t"seed": 9007199254740993, "other": 18446744073709551615, "real": 1.10,'
    b' "exp": 1E400, "messages": [{"role":"user","content":"caf\\u00e9 \xf0\x9f\x9a\xaa", "tool_calls": null,'
    b' "audio_url": {"url": "x"}}], "unknown": {"b": [1, 2 ,3], "a": null}, "stream": false }'
)


def test_request_bytes_are_unchanged(relayed):
    _, http, recorder = relayed
    http.post("/v1/chat/completions", content=BODY, headers={"Content-Type": "application/json; charset=utf-8"})
    (arrival,) = recorder.arrivals
    assert arrival.body == BODY
    assert arrival.headers["content-type"] == "application/json; charset=utf-8"


def test_alias_changes_only_the_name(relayed):
    _, http, recorder = relayed
    http.post("/v1/chat/completions", content=BODY.replace(b"gpt-oss:120b", b"gpt-4o"))
    assert recorder.arrivals[0].body == BODY


def test_response_bytes_are_unchanged(relayed):
    _, http, recorder = relayed
    answer = b'{"id" : 9007199254740993,"usage":{"prompt_tokens":1e0},  "x":"\\u00e9"}\n'
    recorder.answer = lambda _: (200, {"content-type": "application/json", "x-own": "kept", "retry-after": "7"}, answer)
    received = http.post("/v1/chat/completions", content=BODY)
    assert received.content == answer
    assert received.headers["x-own"] == "kept" and received.headers["retry-after"] == "7"


def test_stream_bytes_are_unchanged(relayed):
    _, http, recorder = relayed
    events = (
        b': a comment\n\ndata: {"id":"a","choices":[{"index":0,"delta":{"content":"1"}}]}\r\n\r\n'
        b'event: x\ndata: {"id":"a",\ndata: "choices":[{"index":0,"delta":{"content":"2"}}]}\n\n'
        b'data: {"id":"a","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\ndata: [DONE]\n\n'
    )
    recorder.answer = lambda _: (200, {"content-type": "text/event-stream"}, events)
    body = {"model": "m", "stream": True, "messages": [], "stream_options": {"include_usage": True, "other": 1}}
    assert http.post("/v1/chat/completions", json=body).content == events
    # A usage that the client did not request is removed. Other stream options go upstream.
    body["stream_options"] = {"other": 1}
    usage_start = events.index(b'data: {"id":"a","choices":[],')
    expected = events[:usage_start] + b"data: [DONE]\n\n"
    assert http.post("/v1/chat/completions", json=body).content == expected
    assert json.loads(recorder.arrivals[1].body)["stream_options"] == {"other": 1, "include_usage": True}


def test_keys_are_not_forwarded(relayed):
    gateway, http, recorder = relayed
    http.post(
        "/v1/chat/completions",
        content=BODY,
        headers={
            "X-Api-Key": gateway.key,
            "Api-Key": gateway.key,
            "Cookie": "a=b",
            "X-Stainless-Lang": "js",
            "X-Other": "no",
            "OpenAI-Organization": "org",
        },
    )
    headers = recorder.arrivals[0].headers
    assert headers["authorization"] == "Bearer upstream-key"
    assert gateway.key not in str(headers)
    assert headers["x-stainless-lang"] == "js" and headers["openai-organization"] == "org"
    assert not {"cookie", "x-other"} & set(headers)


def test_hop_by_hop_fields_are_not_forwarded(relayed):
    _, http, recorder = relayed
    http.post(
        "/v1/chat/completions",
        content=BODY,
        headers={
            "Connection": "close, X-Mine",
            "X-Mine": "1",
            "TE": "trailers",
            "Accept-Encoding": "br, zstd, gzip",
            "Keep-Alive": "timeout=5",
            "Proxy-Authorization": "x",
        },
    )
    headers = recorder.arrivals[0].headers
    assert not {"x-mine", "te", "keep-alive", "proxy-authorization"} & set(headers)
    assert headers["accept-encoding"] == "gzip"
    assert headers["content-length"] == str(len(BODY)) and "transfer-encoding" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/v1/things?after=file-1&limit=2&x=%20",
        "/v1/models/nvidia%2Fllama-x",
        "/v1/organization/things%20here?a=b&a=c",
        "/v1/vector_stores",
    ],
)
def test_paths_and_queries_are_unchanged(relayed, path):
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


def test_apis_of_the_upstream_are_metered_by_what_they_state(start, recorder):
    gateway = start(
        f"upstream: {{ base_url: '{recorder.url}', api_keys: [upstream-key], native_apis: [responses] }}\n", sandbox=False
    )
    headers = {"Authorization": f"Bearer {gateway.first_key()}"}
    answer = b'{"id":"resp_1","usage":{"input_tokens":11,"output_tokens":7,"total_tokens":18}}'
    recorder.answer = lambda _: (200, {"content-type": "application/json"}, answer)
    body = {"model": "gpt-oss:120b", "input": "x", "store": True}
    response = httpx.post(f"{gateway.url}/v1/responses", headers=headers, json=body)
    assert response.content == answer
    assert recorder.arrivals[-1].target == "/v1/responses" and json.loads(recorder.arrivals[-1].body) == body
    (row,) = gateway.usage("endpoint", requests=1)
    assert (row["prompt_tokens"], row["completion_tokens"]) == (11, 7)


def test_base_url_with_a_path(start, recorder):
    gateway = start(upstream=recorder.url.replace("/v1", "/behind/v1"))
    key = gateway.first_key()
    httpx.post(
        f"{gateway.url}/v2/rerank",
        headers={"Authorization": f"Bearer {key}"},
        json={"model": "m", "query": "q", "documents": ["d"]},
    )
    assert recorder.arrivals[0].target == "/behind/v2/rerank"


def test_nothing_billable_is_sent_twice(relayed):
    _, http, recorder = relayed
    recorder.answer = lambda _: (500, {}, b"")
    assert http.post("/v1/chat/completions", content=BODY).status_code == 500
    assert len(recorder.arrivals) == 1


def test_nothing_is_lost_between_two_kept_connections(relayed):
    """An upstream that closes each connection without announcing it. A POST that it may have read is not sent twice, so the
    test waits until the gateway has seen the end before it sends the next one. A GET may be sent at any time."""
    gateway, http, recorder = relayed
    recorder.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    metrics = f"http://127.0.0.1:{gateway.admin_port}/metrics"
    for _ in range(30):
        assert http.post("/v1/chat/completions", content=BODY).status_code == 200
        assert http.get("/v1/things").status_code == 200
        assert eventually(lambda: 'propylon_connections{side="upstream"} 0\n' in httpx.get(metrics).text)
    assert len(recorder.arrivals) >= 60


def test_interim_responses_are_skipped(relayed):
    _, http, recorder = relayed
    recorder.answer = lambda _: (
        b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert http.post("/v1/chat/completions", content=BODY).content == b"{}"


def test_response_that_ends_with_its_connection(relayed):
    _, http, recorder = relayed
    recorder.answer = lambda _: b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 100_000
    assert http.post("/v1/audio/speech", content=BODY).content == b"x" * 100_000


def test_trailers_and_chunk_extensions(relayed):
    _, http, recorder = relayed
    recorder.answer = lambda _: (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
        b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-Checksum: 1\r\n\r\n"
    )
    assert http.post("/v1/chat/completions", content=BODY).content == b"{}"


@pytest.mark.parametrize("status", [204, 304])
def test_responses_without_a_body(relayed, status):
    _, http, recorder = relayed
    recorder.answer = lambda _: b"HTTP/1.1 %d X\r\nETag: a\r\n\r\n" % status
    answer = http.delete("/v1/things/thing-1")
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (status, b"", "a")


def test_redirects_are_forwarded(relayed):
    _, http, recorder = relayed
    recorder.answer = lambda _: (307, {"location": "https://elsewhere.example/"}, b"")
    answer = http.post("/v1/chat/completions", content=BODY)
    assert (answer.status_code, answer.headers["location"]) == (307, "https://elsewhere.example/")


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\0\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n{}",
        b"",
    ],
)
def test_broken_responses(relayed, answer):
    _, http, recorder = relayed
    recorder.answer = lambda _: answer
    received = http.post("/v1/chat/completions", content=BODY)
    assert (received.status_code, received.json()["error"]["code"]) == (502, "upstream_protocol")


def test_identity_in_a_body_cannot_write_headers(relayed):
    _, http, recorder = relayed
    recorder.answer = lambda _: (
        200,
        {"content-type": "application/json"},
        b'{"id":"a\\r\\nX-Injected: 1","backend":{"engine_type":"x\\r\\nX-Injected: 1","machine_name":"\\u00e9"}}',
    )
    answer = http.post("/v1/chat/completions", content=BODY)
    assert answer.status_code == 200 and "x-injected" not in answer.headers
    json.loads(answer.headers["backend"])


def test_compressed_model_list_is_filtered_too(start, recorder):
    gateway = start('tiers: { narrow: { models: ["a"] } }\n', upstream=recorder.url)
    _, key = gateway.create_key("narrow", "--tier", "narrow")
    models = json.dumps({"object": "list", "data": [{"id": name, "object": "model"} for name in "abc"]}).encode()
    is_obstinate = False

    def answer(arrival):
        if is_obstinate or "gzip" in arrival.headers["accept-encoding"]:
            return 200, {"content-type": "application/json", "content-encoding": "gzip"}, gzip.compress(models)
        return 200, {"content-type": "application/json"}, models

    recorder.answer = answer
    headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "gzip"}
    listed = httpx.get(f"{gateway.url}/v1/models", headers=headers)
    assert [model["id"] for model in listed.json()["data"]] == ["a"]
    # A compressed list, though none was requested, is filtered or refused, never forwarded.
    is_obstinate = True
    listed = httpx.get(f"{gateway.url}/v1/models", headers=headers)
    assert listed.status_code == 502 or [model["id"] for model in listed.json()["data"]] == ["a"]


def test_compressed_response_is_metered(relayed):
    gateway, http, recorder = relayed
    usage = b'{"usage":{"prompt_tokens":3,"completion_tokens":4}}'
    recorder.answer = lambda _: (
        200,
        {"content-type": "application/json", "content-encoding": "gzip"},
        gzip.compress(usage),
    )
    assert http.post("/v1/chat/completions", content=BODY).json()["usage"]["completion_tokens"] == 4
    (row,) = gateway.usage("key", requests=1)
    assert (row["prompt_tokens"], row["completion_tokens"], row["estimated_requests"]) == (3, 4, 0)


def test_next_upstream_key_replaces_a_refused_one(start, recorder):
    members = f"upstream: {{ base_url: '{recorder.url}', api_keys: [first-upstream-key, second-upstream-key] }}\n"
    recorder.answer = lambda arrival: (
        (401, {}, b"{}")
        if arrival.headers["authorization"] == "Bearer first-upstream-key"
        else (200, {"content-type": "application/json"}, b"{}")
    )
    gateway = start(members, sandbox=False)
    key = gateway.first_key()
    for _ in range(4):
        answer = httpx.post(
            f"{gateway.url}/v1/chat/completions", content=BODY, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 200
    assert [arrival.headers["authorization"] for arrival in recorder.arrivals].count("Bearer first-upstream-key") == 1


def test_client_that_leaves_after_done_is_complete(relayed):
    """SDKs disconnect after [DONE]; the request is complete."""
    gateway, http, recorder = relayed
    recorder.answer = lambda _: (
        200,
        {"content-type": "text/event-stream"},
        b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\ndata: [DONE]\n\n',
    )
    body = {"model": "m", "stream": True, "messages": []}
    with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        for line in answer.iter_lines():
            if line == "data: [DONE]":
                break
    (row,) = gateway.usage("key", requests=1)
    assert (row["completion_tokens"], row["estimated_requests"]) == (2, 0)


@pytest.mark.parametrize(
    "before, kept",
    [
        (b'{"stream":true,"model":"m"}', None),
        (b' { "model" : "m" , "stream" : true } ', None),
        (b'{"model":"m","stream":true,"stream_options":null}', None),
        (b'{"model":"m","stream":true,"stream_options":{}}', None),
        (b'{"model":"m","stream":true,"stream_options":{"include_usage":false,"x":[1, 2]}}', None),
        (b'{"stream_options":{ "x" : 1e400 },"stream":true,"model":"m"}', b' "x" : 1e400 },"stream":true,"model":"m"}'),
        (
            b'{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
            b'{"model":"m","stream":true,"stream_options"',
        ),
        (b'{"model":"m","stream":false,"stream_options":{"include_usage":false}}', None),
    ],
)
def test_usage_of_streams_is_requested(relayed, before, kept):
    _, http, recorder = relayed
    http.post("/v1/chat/completions", content=before)
    sent, asked = recorder.arrivals[0].body, json.loads(before)
    if asked["stream"]:
        asked["stream_options"] = (asked.get("stream_options") or {}) | {"include_usage": True}
        assert json.loads(sent) == asked
    else:
        assert sent == before
    assert kept is None or kept in sent


def test_alias_after_megabytes(relayed):
    """The model's name is at the end of a body that is stored in a file."""
    _, http, recorder = relayed
    body = b'{"messages":[{"content":"' + b"x" * (5 << 20) + b'"}],"stream":true,"model":"gpt-4o"}'
    http.post("/v1/chat/completions", content=body)
    sent = json.loads(recorder.arrivals[0].body)
    assert sent == json.loads(body) | {"model": "gpt-oss:120b", "stream_options": {"include_usage": True}}


@pytest.mark.parametrize("file_first", [False, True])
def test_alias_in_a_form(start, recorder, file_first):
    gateway = start("models: { aliases: { whisper-1: voxtral } }\n", upstream=recorder.url)
    key = gateway.first_key()
    parts = [("model", (None, "whisper-1")), ("file", ("a.mp3", bytes(range(256)) * 8192)), ("language", (None, "fr"))]
    httpx.post(
        f"{gateway.url}/v1/audio/transcriptions",
        headers={"Authorization": f"Bearer {key}"},
        files=sorted(parts) if file_first else parts,
    )
    (arrival,) = recorder.arrivals
    assert arrival.headers["content-length"] == str(len(arrival.body))
    assert arrival.body.count(b"whisper-1") == 0 and b'name="model"\r\n\r\nvoxtral\r\n' in arrival.body
    assert bytes(range(256)) * 8192 in arrival.body


def test_alias_in_a_path(relayed):
    _, http, recorder = relayed
    http.get("/v1/models/gpt-4o")
    assert recorder.arrivals[0].target in ("/v1/models/gpt-oss:120b", "/v1/models/gpt-oss%3A120b")


NARROW = 'tiers: { narrow: { models: ["good", "good-*"] } }\n'


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("POST", "/v1/chat/completions", b'{"model":"bad"}'),
        ("POST", "/v1/chat/completions", b'{"mod\\u0065l":"bad"}'),
        ("POST", "/v1/chat/completions", b'{"model":"good\\u0000"}'),
        ("POST", "/v1/chat/completions", b'{"x":{"model":"good"},"model":"bad"}'),
        ("GET", "/v1/models/bad", None),
        ("GET", "/v1/models/%62ad", None),
        ("GET", "/v1/models/good/../bad", None),
        ("GET", "/v1/models/good%2F..%2Fbad", None),
        ("POST", "/v1/responses", b'{"model":"bad","input":"x"}'),
        ("POST", "/v1/responses/input_tokens", b'{"model":"bad","input":"x"}'),
        ("POST", "/v1/messages", b'{"model":"bad","max_tokens":1,"messages":[{"role":"user","content":"x"}]}'),
        ("POST", "/v1/messages/count_tokens", b'{"model":"bad","messages":[{"role":"user","content":"x"}]}'),
        ("GET", "/v1/realtime?model=bad", None),
    ],
)
def test_models_of_a_tier_cannot_be_bypassed(start, recorder, method, path, body):
    gateway = start(NARROW, upstream=recorder.url)
    _, key = gateway.create_key("narrow", "--tier", "narrow")
    recorder.arrivals.clear()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with httpx.Client() as http:
        request = http.build_request(method, gateway.url, headers=headers, content=body)
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = http.send(request)
    assert answer.status_code in (400, 403, 404, 426), "the model is not in the key's tier"
    assert recorder.arrivals == []


def test_models_of_a_tier_are_allowed(start, recorder):
    gateway = start(NARROW, upstream=recorder.url)
    _, key = gateway.create_key("narrow", "--tier", "narrow")
    for name in ("good", "good-one", "g\\u006fod"):
        answer = httpx.post(
            f"{gateway.url}/v1/chat/completions",
            content=f'{{"model":"{name}"}}'.encode(),
            headers={"Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 200
