"""Embeddings with the OpenAI SDK."""


def test_both_encodings_agree(client):
    # The SDK requests Base64 by default, and decodes it.
    decoded = client.embeddings.create(model="granite-embedding:278m", input=["PROMPT-MARKER one", "two"])
    plain = client.embeddings.create(
        model="granite-embedding:278m", input=["PROMPT-MARKER one", "two"], encoding_format="float"
    )
    assert [len(entry.embedding) for entry in plain.data] == [768, 768]
    assert all(
        abs(left - right) < 1e-5
        for one, other in zip(decoded.data, plain.data)
        for left, right in zip(one.embedding, other.embedding)
    )
    assert decoded.usage.prompt_tokens == plain.usage.prompt_tokens > 0


def test_raw_base64(client):
    raw = client.embeddings.with_raw_response.create(model="bge-m3:567m", input="text", encoding_format="base64")
    assert isinstance(raw.http_response.json()["data"][0]["embedding"], str)
    assert raw.headers["id"] and raw.headers["backend"]


def test_dimensions_and_tokens(client):
    answer = client.embeddings.create(model="qwen3-embedding:4b", input=[[1, 2, 3], [4, 5]], dimensions=64)
    assert [len(entry.embedding) for entry in answer.data] == [64, 64]


def test_many_inputs(client):
    answer = client.embeddings.create(model="granite-embedding:278m", input=["text"] * 500, dimensions=32)
    assert [entry.index for entry in answer.data] == list(range(500))
