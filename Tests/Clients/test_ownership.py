"""Files and batches belong to the key that created them; batches are metered once, at half price."""

import json

import openai
import pytest

from gateway import eventually

from test_files import lines


@pytest.fixture(scope="module")
def people(gateway):
    """Clients of four keys, two in one team, one in another, one in none; and the ids of the keys."""
    made = {}
    for name, team in [("ann", "red"), ("ben", "red"), ("cid", "blue"), ("dot", None)]:
        identifier, key = gateway.create_key(f"owner-{name}", *(["--team", team] if team else []))
        made[name] = (gateway.openai(key), identifier)
    return made


def test_files_of_others_are_not_found(people):
    ann, ben, cid, dot = (people[name][0] for name in ("ann", "ben", "cid", "dot"))
    file = ann.files.create(file=("a.jsonl", lines(1)), purpose="batch")
    assert ben.files.retrieve(file.id) == file
    assert ben.files.content(file.id).content == lines(1)
    for stranger in (cid, dot):
        for attempt in (
            lambda: stranger.files.retrieve(file.id),
            lambda: stranger.files.content(file.id),
            lambda: stranger.files.delete(file.id),
            lambda: stranger.batches.create(
                input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
            ),
        ):
            with pytest.raises(openai.NotFoundError) as raised:
                attempt()
            assert raised.value.code == "not_found"
        assert file.id not in [listed.id for listed in stranger.files.list()]
    assert file.id in [listed.id for listed in ben.files.list()]
    assert ben.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        ann.files.retrieve(file.id)


def test_batches_of_others_are_not_found(people):
    ann, ben, cid = (people[name][0] for name in ("ann", "ben", "cid"))
    file = ann.files.create(file=("a.jsonl", lines(2)), purpose="batch")
    batch = ann.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    assert ben.batches.retrieve(batch.id).id == batch.id
    with pytest.raises(openai.NotFoundError):
        cid.batches.retrieve(batch.id)
    with pytest.raises(openai.NotFoundError):
        cid.batches.cancel(batch.id)
    with pytest.raises(openai.NotFoundError):
        cid.files.content(batch.output_file_id)
    assert ben.files.content(batch.output_file_id).content
    assert batch.id in [listed.id for listed in ben.batches.list()]
    assert batch.id not in [listed.id for listed in cid.batches.list()]


def test_pages_skip_files_of_others(people):
    """Every third file of 330 belongs to the key. Pages have the requested length, whoever owns the files between."""
    dot, cid = people["dot"][0], people["cid"][0]
    own = []
    for number in range(330):
        client = dot if number % 3 == 0 else cid
        file = client.files.create(file=(f"{number}.txt", b"x"), purpose="evals")
        if client is dot:
            own.append(file.id)
    own.reverse()
    page = dot.files.list(purpose="evals", limit=7)
    assert [file.id for file in page.data] == own[:7] and page.has_more
    assert [file.id for file in dot.files.list(purpose="evals", limit=7)] == own
    assert [file.id for file in dot.files.list(purpose="evals", order="asc", limit=50)] == own[::-1]
    assert [file.id for file in dot.files.list(purpose="evals")] == own
    assert not list(people["ann"][0].files.list(purpose="evals"))


def test_batch_is_metered_once_at_half_price(gateway):
    identifier, key = gateway.create_key("batcher")
    client = gateway.openai(key)
    content = lines(5) + lines(3, model="gpt-oss:20b") + lines(1, model="no-such-model")
    file = client.files.create(file=("batch.jsonl", content), purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    for _ in range(3):
        batch = client.batches.retrieve(batch.id)
        output = client.files.content(batch.output_file_id).text
        client.batches.list()
    sums = {}
    for line in output.splitlines():
        body = json.loads(line)["response"]["body"]
        prompt, completion = sums.get(body["model"], (0, 0))
        sums[body["model"]] = (
            prompt + body["usage"]["prompt_tokens"],
            completion + body["usage"]["completion_tokens"],
        )

    def metered():
        rows = gateway.usage("key,endpoint,model", key=identifier, endpoint="batches")
        return [row for row in rows if row["model"] and row["prompt_tokens"]]

    rows = eventually(metered)
    assert {row["model"]: (row["prompt_tokens"], row["completion_tokens"]) for row in rows} == sums
    assert {row["model"]: row["requests"] for row in rows} == dict.fromkeys(sums, 1)
    for row in rows:
        nano_euros = row["prompt_tokens"] * 900 + row["completion_tokens"] * 4000
        assert round(float(row["cost_eur"]) * 1e9) == nano_euros
