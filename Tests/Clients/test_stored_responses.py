"""Responses and conversations that the upstream keeps belong to the key that made them, and to its team."""

import openai
import pytest

from gateway import Gateway

MODEL = "gpt-oss:120b"
# Members of a gateway whose upstream has the Responses API.
MEMBERS = "upstream: { native_apis: [responses] }\n"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("stored"), MEMBERS).start()
    yield gateway
    assert gateway.stop() == 0


@pytest.fixture(scope="module")
def people(gateway):
    """Clients of three keys, two of them in one team."""
    made = {}
    for name, team in [("ann", "red"), ("ben", "red"), ("cid", "blue")]:
        made[name] = gateway.openai(gateway.create_key(f"stored-{name}", "--team", team)[1])
    return made


def test_responses_of_others_are_not_found(people):
    ann, ben, cid = people.values()
    response = ann.responses.create(model=MODEL, input="Hello")
    assert response.output_text and response.usage.output_tokens > 0
    assert ben.responses.retrieve(response.id).output_text == response.output_text
    assert ben.responses.input_items.list(response.id).data
    for attempt in (
        lambda: cid.responses.retrieve(response.id),
        lambda: cid.responses.delete(response.id),
        lambda: cid.responses.cancel(response.id),
        lambda: cid.responses.input_items.list(response.id),
        lambda: cid.responses.create(model=MODEL, input="And?", previous_response_id=response.id),
    ):
        with pytest.raises(openai.NotFoundError) as raised:
            attempt()
        assert raised.value.code == "not_found"
    assert ben.responses.create(model=MODEL, input="And?", previous_response_id=response.id).output_text
    ben.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError):
        ann.responses.retrieve(response.id)


def test_a_stream_is_known_at_its_first_event(people):
    ann, _, cid = people.values()
    with ann.responses.create(model="sandbox:interval=50ms,tokens=20", input="Hello", stream=True) as stream:
        events = iter(stream)
        identifier = next(events).response.id
        assert ann.responses.retrieve(identifier).id == identifier
        with pytest.raises(openai.NotFoundError):
            cid.responses.retrieve(identifier)
        assert list(events)[-1].response.status == "completed"


def test_what_is_not_stored_is_nobodys(people):
    ann = people["ann"]
    response = ann.responses.create(model=MODEL, input="Hello", store=False)
    with pytest.raises(openai.NotFoundError):
        ann.responses.retrieve(response.id)


def test_conversations_of_others_are_not_found(people):
    ann, ben, cid = people.values()
    conversation = ann.conversations.create()
    assert ben.conversations.retrieve(conversation.id).id == conversation.id
    assert ben.responses.create(model=MODEL, input="Hello", conversation=conversation.id).output_text
    for attempt in (
        lambda: cid.conversations.retrieve(conversation.id),
        lambda: cid.conversations.items.list(conversation.id),
        lambda: cid.responses.create(model=MODEL, input="Hello", conversation=conversation.id),
    ):
        with pytest.raises(openai.NotFoundError) as raised:
            attempt()
        assert raised.value.code == "not_found"


def test_the_ledger_has_each_response(gateway):
    identifier, key = gateway.create_key("stored-metered")
    with gateway.openai(key) as client:
        usage = client.responses.create(model=MODEL, input="Hello").usage
        stream = client.responses.create(model=MODEL, input="Hello", stream=True)
        streamed = list(stream)[-1].response.usage
    (row,) = gateway.usage("key,endpoint", requests=2, key=identifier, endpoint="responses")
    assert row["prompt_tokens"] == usage.input_tokens + streamed.input_tokens
    assert row["completion_tokens"] == usage.output_tokens + streamed.output_tokens
    assert row["estimated_requests"] == 0
