"""Chat and text completions with the OpenAI SDK, with and without streaming."""

import asyncio
import base64
import json
import time
import uuid

import openai
import pytest

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 3}},
        },
    },
}


def test_response(client):
    answer = client.chat.completions.create(model="gpt-oss:120b", messages=HELLO)
    assert answer.model == "gpt-oss:120b"
    assert answer.choices[0].finish_reason == "stop"
    assert len(answer.choices[0].message.content.split()) == 64
    assert answer.usage.completion_tokens == 64
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 64
    assert set(answer.model_extra["backend"]) == {"engine_type", "machine_name"}


def test_identity_headers(client):
    raw = client.chat.completions.with_raw_response.create(model="gpt-oss:120b", messages=HELLO)
    assert raw.headers["id"] == raw.parse().id
    assert json.loads(raw.headers["backend"]) == raw.parse().model_extra["backend"]
    assert uuid.UUID(raw.headers["x-request-id"]).version == 7
    assert raw.parse()._request_id == raw.headers["x-request-id"]


@pytest.mark.parametrize("place", ["both", "header", "body", "first-event", "none"])
@pytest.mark.parametrize("stream", [False, True])
def test_identity_from_every_place(client, place, stream):
    raw = client.chat.completions.with_raw_response.create(
        model=f"sandbox:tokens=3,backend={place}", messages=HELLO, stream=stream
    )
    backend = json.loads(raw.headers["backend"])
    if place == "none":
        assert backend["engine_type"] == "propylon"
        assert raw.headers["id"] == raw.headers["x-request-id"]
    else:
        assert backend == {"engine_type": "sandbox", "machine_name": "sandbox-01"}
        assert raw.headers["id"].startswith("chatcmpl-")
    if stream:
        assert len(list(raw.parse())) == 5


def test_request_ids_differ(client):
    ids = {
        client.chat.completions.with_raw_response.create(model="sandbox:tokens=1", messages=HELLO).headers[
            "x-request-id"
        ]
        for _ in range(5)
    }
    assert len(ids) == 5


def test_several_choices(client):
    answer = client.chat.completions.create(model="sandbox:tokens=5", messages=HELLO, n=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in answer.choices}) == 3
    assert answer.usage.completion_tokens == 15


def test_reasoning(client):
    answer = client.chat.completions.create(model="gpt-oss:120b", messages=HELLO, reasoning_effort="high")
    assert len(answer.choices[0].message.model_extra["reasoning_content"].split()) == 32
    assert answer.usage.completion_tokens == 96
    assert answer.usage.model_extra["reasoning_tokens"] == 32


def test_length_limit(client):
    for limit in ({"max_tokens": 7}, {"max_completion_tokens": 7}):
        answer = client.chat.completions.create(model="gpt-oss:120b", messages=HELLO, **limit)
        assert answer.choices[0].finish_reason == "length"
        assert answer.usage.completion_tokens == 7


def test_tools(client):
    answer = client.chat.completions.create(
        model="gpt-oss:120b",
        messages=HELLO,
        tools=[WEATHER],
        tool_choice={"type": "function", "function": {"name": "weather"}},
    )
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert json.loads(call.function.arguments) == {"city": "sandbox", "days": 3}
    # The next turn has the members that SDKs send back: nulls and the call.
    after = client.chat.completions.create(
        model="gpt-oss:120b",
        tools=[WEATHER],
        messages=HELLO
        + [
            answer.choices[0].message.to_dict(),
            {"role": "assistant", "content": "", "tool_calls": None},
            {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
        ],
    )
    assert after.choices[0].finish_reason == "stop"


def test_streamed_tool_call(client):
    with client.chat.completions.stream(model="gpt-oss:120b", messages=HELLO, tools=[WEATHER]) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert "tool_calls.function.arguments.delta" in kinds
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments) == {"city": "sandbox", "days": 3}


def test_json_schema(client):
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "old": {"type": "boolean"}}}
    answer = client.chat.completions.create(
        model="gpt-oss:120b",
        messages=HELLO,
        response_format={"type": "json_schema", "json_schema": {"name": "person", "schema": schema}},
    )
    assert json.loads(answer.choices[0].message.content) == {"name": "sandbox", "old": True}


def test_vision_parts_of_several_megabytes(client):
    image = "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 16 * 1024).decode()
    answer = client.chat.completions.create(
        model="qwen3-vl:8b",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": image}},
                    {"type": "image_url", "image_url": {"url": image}},
                ],
            }
        ],
    )
    # Thirteen bytes of text, one message, three parts. A truncated image would be invalid JSON.
    assert answer.usage.prompt_tokens == 4 + 4 + 3 * 16


def test_stream_without_requested_usage(client):
    stream = client.chat.completions.create(model="sandbox:tokens=20", messages=HELLO, stream=True)
    chunks = list(stream)
    # Some clients read choices[0] of every chunk, so the chunk with the usage that the gateway requested must not show.
    assert all(chunk.choices and "usage" not in chunk.model_fields_set for chunk in chunks)
    assert len("".join(chunk.choices[0].delta.content or "" for chunk in chunks).split()) == 20
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_stream_with_usage(client):
    stream = client.chat.completions.create(
        model="sandbox:tokens=20,reasoning=4", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = stream
    assert last.choices == [] and last.usage.completion_tokens == 24
    assert all("usage" in chunk.model_fields_set and chunk.usage is None for chunk in chunks)
    reasoning = "".join(chunk.choices[0].delta.model_extra.get("reasoning_content", "") for chunk in chunks)
    assert len(reasoning.split()) == 4


@pytest.mark.parametrize("place", ["last-chunk", "every-chunk"])
@pytest.mark.parametrize("asked", [False, True])
def test_stream_with_usage_in_other_places(client, place, asked):
    options = {"stream_options": {"include_usage": True}} if asked else {}
    chunks = list(
        client.chat.completions.create(model=f"sandbox:tokens=5,usage={place}", messages=HELLO, stream=True, **options)
    )
    assert all(chunk.choices for chunk in chunks)
    if asked:
        assert chunks[-1].usage.completion_tokens == 5
    else:
        assert all("usage" not in chunk.model_fields_set for chunk in chunks)


def test_streamed_choices(client):
    texts = {}
    for chunk in client.chat.completions.create(model="sandbox:tokens=9", messages=HELLO, n=3, stream=True):
        choice = chunk.choices[0]
        texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
    assert [len(texts[index].split()) for index in (0, 1, 2)] == [9, 9, 9]


def test_stream_in_tiny_pieces(client):
    chunks = list(client.chat.completions.create(model="sandbox:tokens=5,fault=drip", messages=HELLO, stream=True))
    assert len("".join(chunk.choices[0].delta.content or "" for chunk in chunks).split()) == 5


def test_long_line_in_a_stream(client):
    chunks = list(client.chat.completions.create(model="sandbox:tokens=1,size=3MiB", messages=HELLO, stream=True))
    assert len("".join(chunk.choices[0].delta.content or "" for chunk in chunks)) == 3 << 20


def test_large_response(client):
    answer = client.chat.completions.create(model="sandbox:tokens=10,size=8MiB", messages=HELLO)
    assert len(answer.choices[0].message.content) == 8 << 20


def test_stream_is_not_buffered(client):
    """The first token arrives before the last one is generated: nothing buffers the stream."""
    arrivals = [
        time.monotonic()
        for _ in client.chat.completions.create(model="sandbox:tokens=4,interval=200ms", messages=HELLO, stream=True)
    ]
    # Six events, one every fifth of a second.
    assert len(arrivals) == 6 and arrivals[-1] - arrivals[0] > 0.5


def test_async_client(gateway):
    async def talk():
        async with gateway.async_openai(gateway.key) as client:
            answers = await asyncio.gather(
                *(
                    client.chat.completions.create(model=f"sandbox:tokens={count}", messages=HELLO)
                    for count in range(1, 17)
                )
            )
            stream = await client.chat.completions.create(model="sandbox:tokens=8", messages=HELLO, stream=True)
            words = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices[0].delta.content]
            return [answer.usage.completion_tokens for answer in answers], len(words)

    assert asyncio.run(talk()) == (list(range(1, 17)), 8)


def test_text_completion(client):
    answer = client.completions.create(model="gpt-oss:20b", prompt="PROMPT-MARKER Once", max_tokens=6)
    assert len(answer.choices[0].text.split()) == 6
    answer = client.completions.create(model="sandbox:tokens=3", prompt=["one", "two"], n=2)
    assert len(answer.choices) == 4 and answer.usage.completion_tokens == 12


def test_text_completion_with_messages(client):
    answer = client.completions.create(model="sandbox:tokens=3", prompt="", extra_body={"messages": HELLO})
    assert len(answer.choices[0].text.split()) == 3


def test_streamed_text_completion(client):
    chunks = list(client.completions.create(model="sandbox:tokens=4", prompt="Once", stream=True))
    assert len("".join(chunk.choices[0].text for chunk in chunks).split()) == 4


def test_alias(client):
    answer = client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert answer.model == "gpt-oss:120b"
    assert client.embeddings.create(model="text-embedding-3-small", input="x").model == "granite-embedding:278m"


def test_cut_stream_never_ends_cleanly(client):
    for fault in ("cut", "reset", "wrong-length"):
        received = []
        with pytest.raises(openai.APIError):
            for chunk in client.chat.completions.create(
                model=f"sandbox:tokens=40,interval=1ms,fault={fault}", messages=HELLO, stream=True
            ):
                received.append(chunk)
        assert 0 < len(received) < 42, fault


def test_error_event_in_a_stream(client):
    with pytest.raises(openai.APIError, match="Internal server error"):
        list(client.chat.completions.create(model="sandbox:tokens=4,fault=error-event", messages=HELLO, stream=True))


def test_cut_response_is_an_error(client):
    for fault in ("cut", "reset", "wrong-length", "malformed"):
        with pytest.raises((openai.APIError, json.JSONDecodeError)):
            client.chat.completions.create(model=f"sandbox:size=200KiB,fault={fault}", messages=HELLO)
