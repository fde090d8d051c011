"""The model list, and single models."""

import openai
import pytest


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
