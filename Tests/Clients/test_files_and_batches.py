"""Ownership of files and batches, and the cost of batches, with the OpenAI SDK."""

import collections
import concurrent.futures
import decimal
import json

import openai
import pytest

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


@pytest.fixture
def people(gateway, request):
    """SDK clients by name: Ann and Bob are in one team, Eve in another, Sol in none."""
    teams = {"ann": "red", "bob": "red", "eve": "blue", "sol": None}
    made = {}
    for name, team in teams.items():
        team = ("--team", f"{team}-{request.node.name[:40]}") if team else ()
        identifier, key = gateway.create_key(f"{name}-{request.node.name[:40]}", *team)
        made[name] = gateway.openai(key)
        made[name].identifier = identifier
    yield collections.namedtuple("People", made)(**made)
    for client in made.values():
        client.close()


def lines(models):
    return b"".join(
        json.dumps(
            {
                "custom_id": f"line-{number}",
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {"model": model, "messages": HELLO, "max_tokens": number + 1, "reasoning_effort": "low"},
            }
        ).encode()
        + b"\n"
        for number, model in enumerate(models)
    )


def run_batch(client, models, **options):
    file = client.files.create(file=("batch.jsonl", lines(models)), purpose="batch")
    return client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", **options
    )


def refused(call, *arguments, **options):
    """Returns true if the call raises a 404."""
    with pytest.raises(openai.NotFoundError) as error:
        call(*arguments, **options)
    assert (error.value.type, error.value.code) == ("invalid_request_error", "not_found")
    return True


def test_files_belong_to_key_and_team(people):
    file = people.ann.files.create(file=("a.txt", b"content"), purpose="user_data")
    for friend in (people.ann, people.bob):
        assert friend.files.retrieve(file.id) == file
        assert friend.files.content(file.id).content == b"content"
        assert file.id in [listed.id for listed in friend.files.list()]
    for stranger in (people.eve, people.sol):
        for call in (stranger.files.retrieve, stranger.files.content, stranger.files.delete):
            assert refused(call, file.id)
        assert refused(stranger.files.list, after=file.id)
        assert list(stranger.files.list()) == []
    assert people.bob.files.delete(file.id).deleted
    assert refused(people.ann.files.retrieve, file.id)


def test_batches_belong_to_key_and_team(people):
    batch = run_batch(people.sol, ["gpt-oss:20b", "no-such-model"], metadata={"of": "sol"})
    assert people.sol.batches.retrieve(batch.id) == batch
    assert [listed.id for listed in people.sol.batches.list()] == [batch.id]
    files = [batch.input_file_id, batch.output_file_id, batch.error_file_id]
    assert {listed.id for listed in people.sol.files.list()} == set(files)
    for stranger in (people.ann, people.eve):
        assert refused(stranger.batches.retrieve, batch.id)
        assert refused(stranger.batches.cancel, batch.id)
        assert list(stranger.batches.list()) == []
        for file in files:
            assert refused(stranger.files.content, file)
        for file in files[:2]:
            assert refused(
                stranger.batches.create,
                input_file_id=file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
            )
    held = run_batch(people.ann, ["gpt-oss:20b"], metadata={"sandbox": "hold"})
    assert refused(people.eve.batches.cancel, held.id)
    assert people.bob.batches.cancel(held.id).status == "cancelled"


def test_lists_have_pages_of_own_files(people):
    """More files than a page of the upstream has, most of them of another key."""

    def upload(number):
        client = people.eve if number % 4 else people.ann
        return client, client.files.create(file=(f"{number}.txt", b"x"), purpose="evals").id

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(upload, range(480)))
    for client, count in ((people.ann, 120), (people.eve, 360)):
        own = {file for maker, file in made if maker is client}
        assert len(own) == count
        whole = [file.id for file in client.files.list(purpose="evals", order="asc")]
        assert len(whole) == count and set(whole) == own
        for limit in (7, 100, 1000):
            assert [file.id for file in client.files.list(purpose="evals", order="asc", limit=limit)] == whole
        page = client.files.list(purpose="evals", order="asc", limit=50)
        assert [file.id for file in page.data] == whole[:50] and page.has_more
        assert (page.first_id, page.last_id) == (whole[0], whole[49])
        assert [file.id for file in client.files.list(purpose="evals", limit=10).data] == whole[:-11:-1]
        last = client.files.list(purpose="evals", order="asc", after=whole[-2], limit=1)
        assert [file.id for file in last.data] == whole[-1:] and not last.has_more
    assert people.bob.files.list(purpose="assistants").data == []


@pytest.mark.parametrize("reads", [0, 2])
def test_a_batch_is_billed_once_at_half_price(gateway, people, reads):
    models = ["gpt-oss:120b", "gpt-oss:20b", "no-such-model", "gpt-oss:120b"]
    batch = run_batch(people.ann, models)
    for _ in range(2):
        assert people.bob.batches.retrieve(batch.id).status == "completed"
    output = people.ann.files.content(batch.output_file_id).text
    for _ in range(reads):
        assert people.bob.files.content(batch.output_file_id).text == output
        people.bob.files.content(batch.error_file_id)

    used = collections.defaultdict(collections.Counter)
    for line in output.splitlines():
        answer = json.loads(line)["response"]["body"]
        used[answer["model"]].update(
            {
                "requests": 1,
                "prompt_tokens": answer["usage"]["prompt_tokens"],
                "completion_tokens": answer["usage"]["completion_tokens"],
                "reasoning_tokens": answer["usage"].get("reasoning_tokens", 0),
            }
        )
    assert set(used) == {"gpt-oss:120b", "gpt-oss:20b"}

    # One row for the creation, and one row for each model. A key that polls has its own rows.
    rows = gateway.usage("key,endpoint,model", requests=1 + 2, key=people.ann.identifier, endpoint="batches")
    rows = {row["model"]: row for row in rows if row["model"] in used}
    assert set(rows) == set(used)
    for model, counts in used.items():
        row = rows[model]
        assert row["requests"] == 1
        for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens"):
            assert row[name] == counts[name]
        cost = counts["prompt_tokens"] * decimal.Decimal("0.9") + counts["completion_tokens"] * decimal.Decimal("4")
        assert decimal.Decimal(row["cost_eur"]) == cost / 1_000_000
    # Reading is free.
    for row in gateway.usage("key,endpoint", key=people.bob.identifier):
        assert row["cost_eur"] == "0.00" and row["prompt_tokens"] == 0


def test_owners_are_known_after_a_restart(start):
    gateway = start()
    key = gateway.first_key()
    file = gateway.openai(key).files.create(file=("a.txt", b"x"), purpose="user_data")
    assert gateway.stop() == 0
    gateway.start()
    _, other = gateway.create_key("other")
    # The sandbox forgets its files at the restart. Own files are requested upstream, those of others are not.
    with pytest.raises(openai.NotFoundError) as error:
        gateway.openai(key).files.retrieve(file.id)
    assert error.value.code != "not_found"
    assert refused(gateway.openai(other).files.retrieve, file.id)
