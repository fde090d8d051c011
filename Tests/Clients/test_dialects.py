"""OpenAI's Responses API and Anthropic's Messages API with the SDKs of their makers, on an upstream with chat completions alone,
which refuses everything that is not theirs."""

import collections
import json
import subprocess

import anthropic
import httpx
import openai
import pytest

from gateway import TIMEOUT, eventually

STRICT = "sandbox:strict=on,tokens=12"
THINKING = "sandbox:strict=on,tokens=12,reasoning=5,cached=3"
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
UNITS = ("prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens")


def anthropic_client(gateway, key, **options):
    return anthropic.Anthropic(base_url=gateway.url, api_key=key, max_retries=0, timeout=TIMEOUT, **options)


@pytest.fixture(scope="session")
def claude(gateway):
    with anthropic_client(gateway, gateway.key) as client:
        yield client


# Responses


def test_response(client):
    raw = client.responses.with_raw_response.create(model=THINKING, input="PROMPT-MARKER Hello", instructions="Be brief.")
    response = raw.parse()
    assert response.status == "completed" and response.id.startswith("resp_")
    assert len(response.output_text.split()) == 12
    assert [item.type for item in response.output] == ["reasoning", "message"]
    usage = response.usage
    assert (usage.output_tokens, usage.output_tokens_details.reasoning_tokens) == (17, 5)
    assert usage.input_tokens_details.cached_tokens == 3
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    assert raw.headers["id"].startswith("chatcmpl-") and raw.headers["x-request-id"]


def test_response_stream(client):
    with client.responses.stream(model=THINKING, input="PROMPT-MARKER Hello") as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [events[0].type, events[1].type, events[-1].type] == [
        "response.created", "response.in_progress", "response.completed",
    ]
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == final.output_text and len(text.split()) == 12
    assert final.output[0].type == "reasoning"
    assert final.usage.output_tokens == 17


def test_response_with_a_bound(client):
    response = client.responses.create(model=STRICT, input="PROMPT-MARKER Hello", max_output_tokens=4)
    assert response.status == "incomplete" and response.incomplete_details.reason == "max_output_tokens"
    assert response.usage.output_tokens == 4


def test_response_in_a_form(client):
    form = {"type": "json_schema", "name": "weather", "schema": WEATHER, "strict": True}
    response = client.responses.create(model=STRICT, input="PROMPT-MARKER Hello", text={"format": form})
    assert json.loads(response.output_text) == {"city": "sandbox"}


@pytest.mark.parametrize("stream", [False, True])
def test_function_of_a_response(client, stream):
    tools = [
        {"type": "function", "name": "weather", "parameters": WEATHER, "strict": False},
        {"type": "web_search"},
        {"type": "custom", "name": "patch"},
    ]
    question = [{"role": "user", "content": [{"type": "input_text", "text": "PROMPT-MARKER Weather?"}]}]

    def ask(items, **options):
        arguments = dict(model=THINKING, input=items, tools=tools, store=False, **options)
        if not stream:
            return client.responses.create(**arguments)
        with client.responses.stream(**arguments) as events:
            return events.get_final_response()

    first = ask(question)
    call = first.output[-1]
    assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "weather", {"city": "sandbox"})
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    second = ask(question + [item.to_dict() for item in first.output] + [output])
    assert len(second.output_text.split()) == 12
    # A tool that takes text is a function with one member.
    custom = ask(question, tool_choice={"type": "custom", "name": "patch"}).output[-1]
    assert (custom.type, custom.name, custom.input) == ("custom_tool_call", "patch", "sandbox")
    result = {"type": "custom_tool_call_output", "call_id": custom.call_id, "output": "done"}
    assert ask(question + [custom.to_dict(), result]).status == "completed"


def test_what_is_left_out_of_a_response_is_said(client):
    raw = client.responses.with_raw_response.create(
        model=STRICT, input="PROMPT-MARKER Hello", tools=[{"type": "web_search"}]
    )
    assert raw.headers["x-propylon-dropped"] == "tools.web_search"
    with pytest.raises(openai.BadRequestError, match="code_interpreter"):
        client.responses.create(
            model=STRICT, input="x", tools=[{"type": "code_interpreter", "container": {"type": "auto"}}]
        )


def test_nothing_is_stored(client):
    with pytest.raises(openai.BadRequestError, match="store"):
        client.responses.create(model=STRICT, input="x", store=True)
    with pytest.raises(openai.BadRequestError, match="previous_response_id"):
        client.responses.create(model=STRICT, input="x", previous_response_id="resp_1")
    for act in (client.responses.retrieve, client.responses.delete, client.responses.cancel):
        with pytest.raises(openai.NotFoundError):
            act("resp_1")


def test_input_tokens(client):
    count = client.responses.input_tokens.count(model="gpt-oss:120b", input="PROMPT-MARKER Count these words, please.")
    assert 5 <= count.input_tokens <= 30


# Messages


def test_message(claude):
    raw = claude.messages.with_raw_response.create(
        model=THINKING, max_tokens=100, system="Be brief.", messages=[{"role": "user", "content": "PROMPT-MARKER Hello"}]
    )
    message = raw.parse()
    assert message.stop_reason == "end_turn" and message.id.startswith("msg_")
    # Thinking is shown to those who ask for it.
    assert [block.type for block in message.content] == ["text"]
    assert len(message.content[0].text.split()) == 12
    assert (message.usage.output_tokens, message.usage.cache_read_input_tokens) == (17, 3)
    assert raw.headers["x-request-id"]


def test_message_stream(claude):
    with claude.messages.stream(
        model=THINKING, max_tokens=2000, thinking={"type": "enabled", "budget_tokens": 1024},
        messages=[{"role": "user", "content": "PROMPT-MARKER Hello"}],
    ) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert text == message.content[1].text and len(text.split()) == 12
    assert len(message.content[0].thinking.split()) == 5
    assert message.stop_reason == "end_turn" and message.usage.output_tokens == 17


def test_message_with_a_bound(claude):
    message = claude.messages.create(
        model=STRICT, max_tokens=4, messages=[{"role": "user", "content": "PROMPT-MARKER Hello"}]
    )
    assert message.stop_reason == "max_tokens" and message.usage.output_tokens == 4


@pytest.mark.parametrize("stream", [False, True])
def test_tool_of_a_message(claude, stream):
    tools = [{"name": "weather", "description": "d", "input_schema": WEATHER}]
    messages = [{"role": "user", "content": "PROMPT-MARKER Weather?"}]

    def ask():
        arguments = dict(model=THINKING, max_tokens=1000, tools=tools, messages=messages)
        if not stream:
            return claude.messages.create(**arguments)
        with claude.messages.stream(**arguments) as events:
            return events.get_final_message()

    first = ask()
    call = first.content[-1]
    assert first.stop_reason == "tool_use"
    assert (call.type, call.name, call.input) == ("tool_use", "weather", {"city": "sandbox"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "sunny"}]}
    messages.append({"role": "assistant", "content": [block.to_dict() for block in first.content]})
    messages.append({"role": "user", "content": [result, {"type": "text", "text": "And?"}]})
    # The result is not the last message, so that the sandbox calls again unless it is told not to.
    assert ask().content[-1].type == "tool_use"
    messages[-1]["content"].pop()
    assert ask().content[-1].type == "text"


def test_count_tokens(claude):
    count = claude.messages.count_tokens(
        model="gpt-oss:120b", messages=[{"role": "user", "content": "PROMPT-MARKER Count these words, please."}]
    )
    assert 5 <= count.input_tokens <= 30


def test_errors_of_messages(gateway, claude):
    hello = dict(max_tokens=5, messages=[{"role": "user", "content": "PROMPT-MARKER Hello"}])
    cases = [
        (anthropic.NotFoundError, "not_found_error", dict(model="no-such-model")),
        (anthropic.BadRequestError, "invalid_request_error", dict(model="sandbox:fault=status-400")),
        (anthropic.RateLimitError, "rate_limit_error", dict(model="sandbox:fault=status-429")),
        (anthropic.InternalServerError, "api_error", dict(model="sandbox:fault=status-500")),
        (anthropic.BadRequestError, "invalid_request_error", dict(model=STRICT, extra_body={"mcp_servers": [{}]})),
    ]
    for kind, name, members in cases:
        with pytest.raises(kind) as caught:
            claude.messages.create(**hello, **members)
        body = caught.value.body
        assert body["type"] == "error" and body["error"]["type"] == name and body["request_id"], members
    with anthropic_client(gateway, "sk-ppl-wrong") as stranger, pytest.raises(anthropic.AuthenticationError) as caught:
        stranger.messages.create(model=STRICT, **hello)
    assert caught.value.body["error"]["type"] == "authentication_error"


# Both


@pytest.mark.parametrize("fault", ["cut", "reset", "error-event", "malformed"])
def test_a_stream_that_fails_is_never_whole(client, claude, fault):
    model = f"sandbox:tokens=12,fault={fault}"
    types = []
    for event in client.responses.create(model=model, input="PROMPT-MARKER Hello", stream=True):
        types.append(event.type)
    assert types[0] == "response.created" and types[-1] == "response.failed" and "response.completed" not in types
    with pytest.raises((anthropic.APIError, httpx.HTTPError)):
        with claude.messages.stream(
            model=model, max_tokens=100, messages=[{"role": "user", "content": "PROMPT-MARKER Hello"}]
        ) as stream:
            types = [event.type for event in stream]
            pytest.fail(f"the stream ended with {types[-1]}")


def test_stop_at_a_limit_is_an_incomplete_response(start):
    members = """\
tiers: { limited: { output_tokens_per_hour: 100, output_reservation: 20, overrun: stop } }
default_tier: limited
"""
    gateway = start(members)
    model = "sandbox:tokens=1000,interval=2ms,usage=none"
    with gateway.openai(gateway.first_key()) as client:
        *_, last = client.responses.create(model=model, input="Hello", stream=True)
    assert last.type == "response.incomplete"
    assert last.response.incomplete_details.reason == "max_output_tokens"
    _, other = gateway.create_key("other")
    # Without a bound, which Anthropic's SDK would not send.
    text = httpx.post(
        f"{gateway.url}/v1/messages", headers={"x-api-key": other}, timeout=TIMEOUT,
        json={"model": model, "stream": True, "messages": [{"role": "user", "content": "Hello"}]},
    ).text
    assert '"stop_reason":"max_tokens"' in text and text.rstrip().endswith('{"type":"message_stop"}')


def run(command, folder):
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT).stdout


def responses_session(client, model, turns, folder):
    """A program as Codex: the whole conversation in each request."""
    tools = [
        {
            "type": "function", "name": "exec_command", "strict": False,
            "parameters": {"type": "object", "properties": {"cmd": {"type": "string"}}, "required": ["cmd"]},
        },
        {"type": "web_search"},
    ]
    items, usage = [], []
    for turn in turns:
        items.append({"type": "message", "role": "user", "content": [{"type": "input_text", "text": turn}]})
        while True:
            with client.responses.stream(model=model, input=items, tools=tools, instructions="Work.") as stream:
                response = stream.get_final_response()
            usage.append(
                (
                    response.usage.input_tokens, response.usage.output_tokens,
                    response.usage.output_tokens_details.reasoning_tokens, response.usage.input_tokens_details.cached_tokens,
                )
            )
            items += [item.to_dict() for item in response.output]
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls:
                break
            for call in calls:
                output = run(json.loads(call.arguments)["cmd"], folder)
                items.append({"type": "function_call_output", "call_id": call.call_id, "output": output})
    return usage


def messages_session(client, model, turns, folder):
    """A program as Claude Code."""
    schema = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
    tools = [{"name": "Bash", "description": "d", "input_schema": schema}]
    messages, usage = [], []
    for turn in turns:
        messages.append({"role": "user", "content": [{"type": "text", "text": turn}]})
        while True:
            with client.messages.stream(
                model=model, max_tokens=4000, tools=tools, messages=messages, system=[{"type": "text", "text": "Work."}],
                thinking={"type": "enabled", "budget_tokens": 1024},
            ) as stream:
                message = stream.get_final_message()
            cached = message.usage.cache_read_input_tokens
            details = message.usage.to_dict()["output_tokens_details"]["thinking_tokens"]
            usage.append((message.usage.input_tokens + cached, message.usage.output_tokens, details, cached))
            messages.append({"role": "assistant", "content": [block.to_dict() for block in message.content]})
            calls = [block for block in message.content if block.type == "tool_use"]
            if not calls:
                break
            results = [
                {"type": "tool_result", "tool_use_id": call.id, "content": run(call.input["command"], folder)}
                for call in calls
            ]
            messages.append({"role": "user", "content": results})
    return usage


@pytest.mark.parametrize("dialect", ["responses", "messages"])
def test_a_session_of_ten_turns(start, sandbox, tmp_path, dialect):
    url, billed = sandbox
    gateway = start(upstream=f"{url}/v1")
    identifier, key = gateway.create_key("agent")
    model = "sandbox:agent=shell,strict=on,tokens=9,reasoning=4,cached=2"
    turns = [f"Write turn {turn}.\n$ echo turn {turn} >> notes\n$ sed -i s/turn/Turn/ notes" for turn in range(10)]
    folder = tmp_path / "work"
    folder.mkdir()
    if dialect == "responses":
        with gateway.openai(key) as client:
            usage = responses_session(client, model, turns, folder)
    else:
        with anthropic_client(gateway, key) as client:
            usage = messages_session(client, model, turns, folder)
    assert (folder / "notes").read_text().splitlines() == [f"Turn {turn}" for turn in range(10)]
    assert len(usage) == 30
    rows = eventually(lambda: [
        row for row in gateway.usage("key,model,endpoint") if row["key"] == identifier and row["requests"] == 30
    ])
    (row,) = rows
    assert row["endpoint"] == dialect and row["estimated_requests"] == 0
    stated = collections.Counter(dict(zip(UNITS, map(sum, zip(*usage)))))
    for unit in UNITS:
        assert row[unit] == billed()[model][unit] == stated[unit], unit
