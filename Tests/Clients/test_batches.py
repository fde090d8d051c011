"""Batches are held against budgets from their creation, and billed by the gateway itself, whoever asks for them."""

import json
import signal

import openai
import pytest

from gateway import Gateway, eventually

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]
MEMBERS = """\
tiers:
  small: { budget_eur_per_day: 0.05 }
  some: { models: ["gpt-oss:*"] }
  all: { models: ["*"] }
models:
  aliases: { gpt-4o: "gpt-oss:120b" }
"""
# The gateway looks at a batch ten seconds after it was made.
BILLED = 40


def lines(count, model="gpt-oss:120b", **members):
    body = {"model": model, "messages": HELLO, "max_tokens": 1000} | members
    return b"".join(
        json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body}).encode()
        + b"\n"
        for number in range(count)
    )


def create(client, content, sandbox=None, endpoint="/v1/chat/completions"):
    file = client.files.create(file=("batch.jsonl", content), purpose="batch")
    metadata = {"metadata": {"sandbox": sandbox}} if sandbox else {}
    return client.batches.create(
        input_file_id=file.id, endpoint=endpoint, completion_window="24h", **metadata
    )


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("batches"), MEMBERS).start()
    yield gateway
    assert gateway.stop() == 0


def billed(gateway, identifier):
    """The rows with tokens of the key's batches."""
    rows = gateway.usage("key,team,endpoint,model", key=identifier, endpoint="batches")
    return [row for row in rows if row["prompt_tokens"]]


def held(gateway, identifier):
    """What is reserved of the key's daily budget, in EUR."""
    limits = gateway.json("limits", identifier, "--json")
    rows = limits["limits"] if isinstance(limits, dict) else limits
    return float(next(row["reserved"] for row in rows if row["limit"] == "budget_eur_per_day"))


def test_a_batch_beyond_the_budget_is_refused(service):
    identifier, key = service.create_key("thrifty", "--tier", "small")
    with service.openai(key) as client:
        # More than the whole budget: 20 lines of 1,000 tokens at 4 EUR a million.
        with pytest.raises(openai.BadRequestError) as raised:
            create(client, lines(20))
        assert raised.value.code == "max_tokens_exceeded"
        first = create(client, lines(8), "hold")
        assert 0.032 < held(service, identifier) < 0.04
        # More than what the first one leaves.
        with pytest.raises(openai.RateLimitError) as raised:
            create(client, lines(8))
        assert raised.value.code == "budget_exceeded"
        assert "held by requests and batches in flight" in raised.value.message
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="gpt-oss:120b", messages=HELLO, max_tokens=3000)
        # A cancelled batch without an output gives back what it held.
        assert client.batches.cancel(first.id).status == "cancelled"
        assert eventually(lambda: held(service, identifier) == 0)
        batch = create(client, lines(8))
        assert client.batches.retrieve(batch.id).status == "completed"
        assert eventually(lambda: billed(service, identifier))
        assert eventually(lambda: held(service, identifier) == 0)


def test_a_batch_that_nobody_asks_for_is_billed(service):
    identifier, key = service.create_key("forgetful", "--tier", "small")
    with service.openai(key) as client:
        batch = create(client, lines(2), "after=2")
        assert batch.status == "in_progress"
        assert held(service, identifier) > 0 and not billed(service, identifier)
        assert eventually(lambda: billed(service, identifier), BILLED)
        (row,) = billed(service, identifier)
        assert row["model"] == "gpt-oss:120b" and row["estimated_requests"] == 0
        assert held(service, identifier) == 0
        # The output is the key's own, although it never asked.
        assert client.batches.retrieve(batch.id).output_file_id in [file.id for file in client.files.list()]


def test_the_batch_of_a_revoked_key_is_billed(service):
    identifier, key = service.create_key("leaver", "--team", "red")
    with service.openai(key) as client:
        create(client, lines(2), "after=2")
        service.run("keys", "revoke", identifier)
        assert eventually(lambda: service.status_of(key) == 401)
    assert eventually(lambda: billed(service, identifier), BILLED)
    assert [row["team"] for row in billed(service, identifier)] == ["red"]


def test_kill_9_between_creation_and_billing(sandbox, tmp_path):
    url, _ = sandbox
    gateway = Gateway(tmp_path, MEMBERS, upstream=f"{url}/v1").start()
    identifier, key = gateway.create_key("survivor", "--tier", "small")
    with gateway.openai(key) as client:
        create(client, lines(8), "after=3")
    before = held(gateway, identifier)
    gateway.signal(signal.SIGKILL)
    gateway.process.wait()
    gateway.start()
    assert held(gateway, identifier) == before > 0.032
    with gateway.openai(key) as client, pytest.raises(openai.RateLimitError):
        create(client, lines(8))
    assert eventually(lambda: billed(gateway, identifier), BILLED)
    (row,) = billed(gateway, identifier)
    assert row["requests"] >= 1 and row["estimated_requests"] == 0
    assert held(gateway, identifier) == 0
    assert gateway.stop() == 0


@pytest.mark.parametrize("purpose", ["batch", "user_data"])
def test_lines_decide_which_models_a_batch_uses(service, purpose):
    """Also of a file that was not read as a batch's when it was uploaded."""
    _, key = service.create_key(f"some-{purpose}", "--tier", "some")
    with service.openai(key) as client:

        def run(content):
            file = client.files.create(file=("batch.jsonl", content), purpose=purpose)
            return client.batches.create(
                input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
            )

        assert run(lines(2)).status == "completed"
        with pytest.raises(openai.PermissionDeniedError) as raised:
            run(lines(1) + lines(1, "llama3.3:70b"))
        assert raised.value.code == "model_not_allowed" and "llama3.3:70b" in raised.value.message
        for content, words in [
            (lines(1, "gpt-4o"), "'gpt-oss:120b'"),
            (lines(1) + b"no line\n", "Line 2"),
            (lines(1).replace(b"chat/completions", b"embeddings"), "'/v1/embeddings'"),
        ]:
            with pytest.raises(openai.BadRequestError) as raised:
                run(content)
            assert raised.value.code == "invalid_batch_input" and words in raised.value.message


def test_everything_is_no_restriction(service):
    """Paths that the upstream does not have are its own 404, with a list of models or without."""
    for tier in ("all", "some"):
        _, key = service.create_key(f"threads-{tier}", "--tier", tier)
        with service.openai(key) as client:
            for call in (
                lambda: client.vector_stores.create(name="x"),
                lambda: client.moderations.create(input="x"),
                lambda: client.post("/threads", cast_to=object, body={}),
                lambda: client.post("/uploads", cast_to=object, body={"purpose": "batch"}),
            ):
                with pytest.raises(openai.NotFoundError) as raised:
                    call()
                assert raised.value.code != "not_found"
