"""Tiers: the models and endpoints that a key may use."""

import openai
import pytest

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


@pytest.fixture(scope="module")
def narrow(gateway):
    _, key = gateway.create_key("narrow-policies", "--tier", "narrow")
    return gateway.openai(key)


def test_allowed_models_and_endpoints(narrow):
    for model in ("gpt-oss:120b", "gpt-oss:20b", "gpt-4o"):
        assert narrow.chat.completions.create(model=model, messages=HELLO).choices


def test_model_not_allowed(narrow):
    with pytest.raises(openai.PermissionDeniedError) as raised:
        narrow.chat.completions.create(model="qwen3-vl:8b", messages=HELLO)
    error = raised.value
    assert (error.code, error.param, error.type) == ("model_not_allowed", "model", "permission_error")
    with pytest.raises(openai.PermissionDeniedError):
        narrow.models.retrieve("qwen3-vl:8b")


def test_endpoint_not_allowed(narrow):
    with pytest.raises(openai.PermissionDeniedError) as raised:
        narrow.completions.create(model="gpt-oss:120b", prompt="x")
    assert raised.value.code == "endpoint_not_allowed"
    with pytest.raises(openai.PermissionDeniedError):
        narrow.files.list()
    with pytest.raises(openai.PermissionDeniedError):
        narrow.get("/organization/things", cast_to=object)


def test_models_of_key_and_tier_are_intersected(gateway):
    _, key = gateway.create_key("narrower", "--tier", "narrow", "--models", "gpt-oss:20b,qwen3-vl:8b")
    client = gateway.openai(key)
    assert client.chat.completions.create(model="gpt-oss:20b", messages=HELLO).choices
    for model in ("gpt-oss:120b", "qwen3-vl:8b"):
        with pytest.raises(openai.PermissionDeniedError):
            client.chat.completions.create(model=model, messages=HELLO)
    assert [model.id for model in client.models.list()] == ["gpt-oss:20b"]
