"""Files and batches with the OpenAI SDK."""

import json

import openai
import pytest

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


def lines(count, **body):
    return b"".join(
        json.dumps(
            {
                "custom_id": f"line-{number}",
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {"model": "gpt-oss:120b", "messages": HELLO, "max_tokens": number + 1} | body,
            }
        ).encode()
        + b"\n"
        for number in range(count)
    )


def test_upload_read_delete(client):
    content = lines(3)
    file = client.files.create(file=("three.jsonl", content), purpose="batch")
    assert (file.filename, file.bytes, file.purpose) == ("three.jsonl", len(content), "batch")
    assert client.files.retrieve(file.id) == file
    assert client.files.content(file.id).content == content
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)


def test_large_upload_is_read_back(client):
    content = bytes(range(256)) * (40 << 12)  # 40 MiB, beyond what is kept in memory
    file = client.files.create(file=("large.bin", content), purpose="user_data")
    with client.files.with_streaming_response.content(file.id) as answer:
        assert answer.read() == content
    client.files.delete(file.id)


def test_paging(client):
    made = [client.files.create(file=(f"{number}.txt", b"x"), purpose="evals").id for number in range(5)]
    page = client.files.list(purpose="evals", limit=2, order="asc")
    assert [file.id for file in page.data] == made[:2] and page.has_more
    assert [file.id for file in client.files.list(purpose="evals", limit=2, order="asc")] == made
    assert [file.id for file in client.files.list(purpose="evals", limit=10, after=made[3], order="asc")] == made[4:]


def test_batch_from_upload_to_result(client):
    content = lines(5) + lines(1, model="no-such-model")
    file = client.files.create(file=("batch.jsonl", content), purpose="batch")
    # A number that does not fit into a double stays unchanged.
    batch = client.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"number": 9007199254740993},
    )
    assert batch.metadata["number"] == 9007199254740993
    batch = client.batches.retrieve(batch.id)
    assert batch.status == "completed"
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (6, 5, 1)
    results = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
    assert [entry["custom_id"] for entry in results] == [f"line-{number}" for number in range(5)]
    assert [entry["response"]["body"]["usage"]["completion_tokens"] for entry in results] == [1, 2, 3, 4, 5]
    errors = [json.loads(line) for line in client.files.content(batch.error_file_id).text.splitlines()]
    assert [entry["response"]["status_code"] for entry in errors] == [404]
    assert batch.id in [listed.id for listed in client.batches.list(limit=1)]


def test_batch_cancelled(client):
    file = client.files.create(file=("batch.jsonl", lines(1)), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"sandbox": "hold"}
    )
    assert client.batches.retrieve(batch.id).status == "in_progress"
    assert client.batches.cancel(batch.id).status == "cancelled"


def test_polls_are_free(gateway, fresh_key):
    identifier, key = fresh_key
    client = gateway.openai(key)
    file = client.files.create(file=("batch.jsonl", lines(1)), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"sandbox": "hold"}
    )
    for _ in range(3):
        client.batches.retrieve(batch.id)
    rows = gateway.usage("key,endpoint", requests=6, key=identifier)
    assert {row["endpoint"]: row["requests"] for row in rows} == {"": 1, "files": 1, "batches": 4}
    assert {row["cost_eur"] for row in rows} == {"0.00"}
