"""Keys as clients of other APIs send them, and paths as they build them."""

import gzip
import json
import zlib

import httpx
import openai
import pytest

HELLO = [{"role": "user", "content": "Hello"}]
CHAT = {"model": "sandbox", "messages": HELLO}


@pytest.mark.parametrize("headers", [
    {"Authorization": "Bearer   {}"}, {"authorization": "bearer {}"}, {"x-api-key": "{}"}, {"api-key": "{}"},
    {"x-api-key": "{}", "api-key": "other"}, {"Authorization": "Bearer {}", "x-api-key": "other"},
])
def test_places(gateway, headers):
    filled = {name: value.format(gateway.key) for name, value in headers.items()}
    assert httpx.post(f"{gateway.url}/v1/chat/completions", json=CHAT, headers=filled).status_code == 200


@pytest.mark.parametrize("name, form", [("authorization", "Bearer {}"), ("x-api-key", "{}"), ("api-key", "{}")])
def test_places_on_every_endpoint(gateway, name, form):
    posts = [
        "chat/completions", "completions", "embeddings", "rerank", "audio/transcriptions", "audio/speech",
        "images/generations", "files", "batches", "responses", "messages", "messages/count_tokens", "unknown",
    ]
    for path, key in [(path, key) for path in posts for key in (gateway.key, "sk-other")]:
        answer = httpx.post(f"{gateway.url}/v1/{path}", headers={name: form.format(key)}, json={"model": "sandbox"})
        assert (answer.status_code == 401) == (key == "sk-other"), path
    for path in ["models", "models/gpt-oss:120b", "files", "batches"]:
        assert httpx.get(f"{gateway.url}/v1/{path}", headers={name: form.format(gateway.key)}).status_code == 200, path


def test_authorization_wins_and_stands_once(gateway):
    def status(headers):
        return httpx.post(f"{gateway.url}/v1/chat/completions", json=CHAT, headers=headers).status_code

    assert status([("authorization", "Bearer x"), ("x-api-key", gateway.key)]) == 401
    assert status([("authorization", f"Bearer {gateway.key}")] * 2) == 400


def test_azure_client(gateway):
    with openai.AzureOpenAI(
        azure_endpoint=gateway.url, api_key=gateway.key, api_version="2024-10-21", max_retries=0
    ) as azure:
        answer = azure.chat.completions.create(model="gpt-oss:120b", messages=HELLO)
        assert answer.model == "gpt-oss:120b" and answer.choices[0].message.content
        events = list(azure.chat.completions.create(model="gpt-oss:120b", messages=HELLO, stream=True))
        assert events[-1].choices[0].finish_reason


@pytest.mark.parametrize("base", ["/v1/v1", "/openai/v1"])
def test_other_base_urls(gateway, base):
    with openai.OpenAI(base_url=gateway.url + base, api_key=gateway.key, max_retries=0) as client:
        assert client.chat.completions.create(**CHAT).choices[0].message.content
        assert client.embeddings.create(model="granite-embedding:278m", input="x").data
        assert client.models.list().data


@pytest.mark.parametrize("coding, pack", [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_requests(gateway, coding, pack):
    answer = httpx.post(
        f"{gateway.url}/v1/chat/completions", content=pack(json.dumps(CHAT).encode()),
        headers={"Authorization": f"Bearer {gateway.key}", "Content-Type": "application/json", "Content-Encoding": coding},
    )
    assert answer.status_code == 200 and answer.json()["usage"]["prompt_tokens"] > 0


def test_other_codings(gateway):
    answer = httpx.post(
        f"{gateway.url}/v1/chat/completions", content=b"x",
        headers={"Authorization": f"Bearer {gateway.key}", "Content-Encoding": "br"},
    )
    assert answer.status_code == 415 and answer.json()["error"]["code"] == "unsupported_encoding"
