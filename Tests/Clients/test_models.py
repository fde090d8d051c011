"""The model list, and single models."""

import anthropic
import httpx
import openai
import pytest


@pytest.fixture(params=["api_key", "auth_token"])
def claude(gateway, request):
    """A client of Anthropic's API, with the key in `x-api-key` or as a bearer token."""
    with anthropic.Anthropic(base_url=gateway.url, max_retries=0, **{request.param: gateway.key}) as client:
        yield client


def test_list(client):
    models = {model.id: model for model in client.models.list()}
    assert {"gpt-oss:120b", "granite-embedding:278m", "nvidia/llama-nemotron-rerank-vl-1b-v2"} <= set(models)
    assert models["gpt-oss:120b"].model_extra["max_model_len"] == 120_000


def test_single(client):
    assert client.models.retrieve("gpt-oss:120b").model_extra["root"] == "gpt-oss:120b"


def test_escaped_slash(client, gateway):
    # The SDK escapes the slash; a path with a plain one is the same model.
    assert client.models.retrieve("nvidia/llama-nemotron-rerank-vl-1b-v2").owned_by == "CloudTemple"
    assert gateway.status_of(gateway.key, "/v1/models/nvidia/llama-nemotron-rerank-vl-1b-v2") == 200


def test_unknown(client):
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("no-such-model")
    assert raised.value.code == "model_not_found"


def test_model_list_has_allowed_models_only(gateway):
    _, key = gateway.create_key("narrow-list", "--tier", "narrow")
    listed = {model.id for model in gateway.openai(key).models.list()}
    assert {"gpt-oss:120b", "gpt-oss:20b"} <= listed
    assert not {"granite-embedding:278m", "qwen3-vl:8b"} & listed


def test_anthropic_list_pages(claude, client):
    expected = [model.id for model in client.models.list()]
    for limit in (1, 7, 1000):
        models = list(claude.models.list(limit=limit))
        assert [model.id for model in models] == expected
    listed = {model.id: model for model in models}
    assert listed["gpt-4o"].max_input_tokens == listed["gpt-oss:120b"].max_input_tokens == 120_000
    for model in models:
        assert model.type == "model" and model.display_name == model.id and model.created_at.year == 2025
        assert model.lifecycle == "active"
    backwards = [model.id for model in claude.models.list(limit=3, before_id=expected[6]).data]
    assert backwards == expected[3:6]


def test_anthropic_list_has_allowed_models_only(gateway):
    _, key = gateway.create_key("narrow-anthropic", "--tier", "narrow")
    with anthropic.Anthropic(base_url=gateway.url, api_key=key, max_retries=0) as client:
        listed = {model.id for model in client.models.list()}
    assert {"gpt-oss:120b", "gpt-oss:20b", "gpt-4o"} <= listed
    assert not {"granite-embedding:278m", "text-embedding-3-small"} & listed


def test_anthropic_model(claude):
    assert claude.models.retrieve("gpt-oss:120b").max_input_tokens == 120_000
    assert claude.models.retrieve("claude-sonnet-4-5").id == "gpt-oss:120b"
    with pytest.raises(anthropic.NotFoundError):
        claude.models.retrieve("no-such-model")
    with pytest.raises(anthropic.BadRequestError):
        claude.models.list(limit=5000)


def test_patterns(client, gateway):
    assert "claude-*" not in {model.id for model in client.models.list()}
    answer = client.chat.completions.create(
        model="claude-haiku-4-5-20251001", messages=[{"role": "user", "content": "Hello"}])
    assert answer.model == "gpt-oss:120b"
    key = gateway.create_key("narrow-pattern", "--tier", "narrow")[1]
    assert gateway.status_of(key, "/v1/models/claude-opus-5") == 200


def test_look_for_a_server(gateway):
    answer = httpx.head(gateway.url)
    assert answer.status_code == 200 and answer.headers["x-request-id"] and not answer.content
