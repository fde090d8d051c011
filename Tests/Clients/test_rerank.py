"""Rerank with Cohere's SDK, with and without /v1 in the base URL."""

import cohere
import pytest

DOCUMENTS = ["a bridge of stone", "PROMPT-MARKER silver harbour", "the silver bridge in the harbour"]


@pytest.fixture(params=["", "/v1"])
def base(request, gateway):
    return gateway.url + request.param


def test_version_1(base, gateway):
    client = cohere.Client(api_key=gateway.key, base_url=base)
    answer = client.rerank(
        model="bge-reranker-large", query="silver bridge", documents=DOCUMENTS, return_documents=True
    )
    assert [result.index for result in answer.results] == [2, 0, 1]
    assert answer.results[0].document.text == DOCUMENTS[2]
    assert answer.meta.billed_units.search_units == 1


def test_version_2(base, gateway):
    client = cohere.ClientV2(api_key=gateway.key, base_url=base)
    answer = client.rerank(model="qwen3-reranker:4b", query="silver bridge", documents=DOCUMENTS, top_n=2)
    assert [result.index for result in answer.results] == [2, 0]
    assert answer.meta.api_version.version == "2"


def test_errors(base, gateway):
    client = cohere.ClientV2(api_key=gateway.key, base_url=base)
    with pytest.raises(cohere.NotFoundError):
        client.rerank(model="no-such-model", query="q", documents=DOCUMENTS)
    with pytest.raises(cohere.UnauthorizedError):
        cohere.ClientV2(api_key="wrong", base_url=base).rerank(model="bge-reranker-large", query="q", documents=["d"])


def test_usage(gateway, fresh_key):
    identifier, key = fresh_key
    cohere.Client(api_key=key, base_url=gateway.url).rerank(
        model="bge-reranker-large", query="q" * 8, documents=["d" * 40] * 150
    )
    (row,) = gateway.usage("key,endpoint,model", requests=1, key=identifier, endpoint="rerank")
    assert row["model"] == "bge-reranker-large" and row["other_units"]["search_units"] == 2
    assert row["prompt_tokens"] > 0 and row["estimated_requests"] == 0
