"""Each error raises the right exception of the SDK, with the documented code."""

import httpx
import openai
import pytest

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]

UPSTREAM = {
    400: openai.BadRequestError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


@pytest.mark.parametrize("status", UPSTREAM)
@pytest.mark.parametrize("stream", [False, True])
def test_upstream_errors_are_forwarded_unchanged(client, status, stream):
    with pytest.raises(UPSTREAM[status]) as raised:
        client.chat.completions.create(model=f"sandbox:fault=status-{status}", messages=HELLO, stream=stream)
    error = raised.value
    assert type(error) is UPSTREAM[status] and error.status_code == status
    assert set(error.body) == {"message", "type", "param", "code"}
    for name in ("id", "backend", "x-request-id"):
        assert error.response.headers[name]
    assert error.request_id == error.response.headers["x-request-id"]
    if status == 429:
        assert error.code == "rate_limit_exceeded" and error.response.headers["retry-after"] == "1"


def test_refused_upstream_key_is_not_the_clients_fault(client):
    with pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model="sandbox:fault=status-401", messages=HELLO)
    assert (raised.value.status_code, raised.value.code, raised.value.type) == (502, "upstream_auth", "upstream_error")
    assert raised.value.response.headers["x-should-retry"] == "false"


def test_unknown_model(client):
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model="unknown-model", messages=HELLO)
    assert (raised.value.code, raised.value.param) == ("model_not_found", "model")


def test_invalid_parameter(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="gpt-oss:120b", messages=HELLO, temperature=3)
    assert raised.value.param == "temperature"


@pytest.mark.parametrize("fault", ["cut-before", "cut"])
def test_broken_response(client, fault):
    with pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model=f"sandbox:fault={fault},tokens=2,backend=none", messages=HELLO)
    assert (raised.value.status_code, raised.value.code) == (502, "upstream_protocol")


def test_silent_upstream(start):
    gateway = start("upstream: { first_byte_timeout: 300ms, idle_timeout: 300ms }\n")
    client = gateway.openai(gateway.first_key())
    with pytest.raises(openai.InternalServerError) as raised:
        client.chat.completions.create(model="sandbox:fault=stall-before", messages=HELLO)
    assert (raised.value.status_code, raised.value.code) == (504, "upstream_timeout")
    with pytest.raises(openai.APIError) as raised:
        list(
            client.chat.completions.create(
                model="sandbox:fault=stall,tokens=20,interval=1ms", messages=HELLO, stream=True
            )
        )
    assert raised.value.code == "upstream_interrupted"


def test_unreachable_upstream(start):
    gateway = start(upstream="http://127.0.0.1:1/v1")
    with pytest.raises(openai.InternalServerError) as raised:
        gateway.openai(gateway.first_key()).chat.completions.create(model="m", messages=HELLO)
    assert (raised.value.status_code, raised.value.code) == (502, "upstream_unreachable")


@pytest.mark.parametrize("key", ["wrong", "sk-ppl-abcdefghij-0123456789", "sk-" + "x" * 5000])
def test_wrong_key(gateway, key):
    answer = httpx.get(f"{gateway.url}/v1/models", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401 and answer.json()["error"]["type"] == "authentication_error"
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert answer.headers["id"] and answer.headers["backend"] and answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Basic eDp5"}, {"x-goog-api-key": "KEY"}, {"x-authorization": "KEY"}, {"Authorization": "KEY"}],
)
def test_keys_are_read_from_their_headers_only(gateway, headers):
    headers = {name: value.replace("KEY", gateway.key) for name, value in headers.items()}
    answer = httpx.get(f"{gateway.url}/v1/models", headers=headers)
    assert answer.status_code == 401 and answer.json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    "body, code, param",
    [
        (b"", "invalid_json", None),
        (b"[]", "invalid_json", None),
        (b'{"model": "gpt-oss:120b"', "invalid_json", None),
        (b'{"model": "gpt-oss:120b",}', "invalid_json", None),
        (b'{"model": "gpt-oss:120b"} {}', "invalid_json", None),
        (b'{"model": "\xff"}', "invalid_json", None),
        (b"{}", "missing_model", "model"),
        (b'{"model": null}', "invalid_model", "model"),
        (b'{"model": 5}', "invalid_model", "model"),
        (b'{"model": ""}', "invalid_model", "model"),
        (b'{"model": "a", "model": "b"}', "duplicate_member", "model"),
        (b'{"model": "a", "mod\\u0065l": "b"}', "duplicate_member", "model"),
        (b'{"model": "a", "stream": "yes"}', "invalid_value", "stream"),
    ],
)
def test_malformed_bodies(gateway, body, code, param):
    answer = httpx.post(
        f"{gateway.url}/v1/chat/completions",
        content=body,
        headers={"Authorization": f"Bearer {gateway.key}", "Content-Type": "application/json"},
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, code, param)
    assert error["type"] == "invalid_request_error" and error["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"no form at all",
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx',
    ],
)
def test_malformed_forms(gateway, body):
    answer = httpx.post(
        f"{gateway.url}/v1/audio/transcriptions",
        content=body,
        headers={"Authorization": f"Bearer {gateway.key}", "Content-Type": "multipart/form-data; boundary=B"},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_multipart")


def test_duplicate_model_in_a_form(gateway):
    answer = httpx.post(
        f"{gateway.url}/v1/audio/transcriptions",
        headers={"Authorization": f"Bearer {gateway.key}"},
        files=[("file", ("a.mp3", b"x")), ("model", (None, "a")), ("model", (None, "b"))],
    )
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "duplicate_member", "model")


@pytest.mark.parametrize(
    "method, path, status, code, allow",
    [
        ("GET", "/", 404, "unknown_url", None),
        ("POST", "/chat/completions", 404, "unknown_url", None),
        ("GET", "/v2/models", 404, "unknown_url", None),
        ("POST", "/v1/chat//completions", 404, "unknown_url", None),
        ("POST", "/v1/%63hat/completions", 404, "unknown_url", None),
        ("GET", "/v1/files/..%2fmodels", 404, "unknown_url", None),
        ("GET", "/v1/chat/completions", 405, "method_not_allowed", "POST"),
        ("DELETE", "/v1/models", 405, "method_not_allowed", "GET, HEAD"),
    ],
)
def test_paths_that_are_not_served(gateway, method, path, status, code, allow):
    import wire

    with wire.Wire(gateway) as connection:
        connection.send(
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.key}\r\nContent-Length: 0\r\n\r\n"
        )
        answer = connection.read_response()
    assert answer.status == status and answer.headers.get("allow") == allow
    assert f'"{code}"'.encode() in answer.body


def test_too_large_a_body(start):
    gateway = start("limits: { body_bytes: 64KiB, upload_bytes: 128KiB }\n")
    client = gateway.openai(gateway.first_key())
    with pytest.raises(openai.APIStatusError) as raised:
        client.chat.completions.create(model="gpt-oss:120b", messages=[{"role": "user", "content": "x" * 70_000}])
    assert (raised.value.status_code, raised.value.code) == (413, "request_too_large")
    client.files.create(file=("a", b"x" * 70_000), purpose="batch")
    with pytest.raises(openai.APIStatusError) as raised:
        client.files.create(file=("a", b"x" * 140_000), purpose="batch")
    assert raised.value.status_code == 413
